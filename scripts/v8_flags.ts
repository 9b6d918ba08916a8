/**
 * How V8 is told that it runs a program of a second: 8 of 85 ms CPU of a hook go (Deno 2.9.6). The
 * baseline compiler works through 358 functions that run a few times each; the optimizing ones stay,
 * for lists of thousands of instances. Without background threads nothing is begun beside the work.
 */
export const V8_FLAGS = "--v8-flags=--no-sparkplug,--single-threaded";
