/**
 * How V8 is told that it runs a program of a second. Measured with Deno 2.9.6:
 *
 * - without the baseline compiler, which works through 358 functions that run a few times each, and
 *   without background threads a hook takes 75 to 80 ms of the processor in place of 80 to 87. The
 *   optimizing compilers stay: without them a list of 20,000 instances takes 0.85 s in place of 0.12.
 * - new objects in 2 MiB in place of 16, and a heap that is swept when it has grown by a fifth: with
 *   300 registrations of one pod 86 MiB in place of 158, in the same time.
 */
export const V8_FLAGS = "--v8-flags=" + [
  "--no-sparkplug",
  "--single-threaded",
  "--max-semi-space-size=2",
  "--heap-growing-percent=20",
].join();

/**
 * The same where V8's code is shipped with the program, which is taken only with the flags that it was
 * made with: `--no-lazy` has all functions in it. A start takes 22 ms in place of 28, a hook with a
 * drain of 3 s 56 ms of the processor in place of 71 (Deno 2.9.6, x86_64). Without that code, 58 and 102.
 */
export const V8_FLAGS_WITH_CODE = `${V8_FLAGS},--no-lazy`;
