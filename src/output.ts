import { atMost, type Clock } from "./clock.ts";

/** Where lines go. */
interface Output {
  /** Queues a text; texts are written in order, as fast as the reader takes them. */
  write(text: string): void;
  /** Waits until all is written, or until the reader has taken nothing for a second. */
  flush(): Promise<void>;
}

/**
 * A reader that takes nothing for a second is stuck. The second is slept in short naps: a busy machine
 * stops a process for longer than that (load 30, two cores), so the time alone says nothing.
 */
const NAPS = 10;
const NAP_MS = 100;
/** Nobody waits for a reader that was stuck for so long before the end, milliseconds. */
const STUCK_MS = 10_000;
/** The most texts that wait for a stuck reader; the oldest go first. */
const MAX_WAITING = 500;

/**
 * Makes an output. The log of a hook is a pipe, and a log driver that is stuck would stop the hook
 * at its first line: `writeSync` waits for the reader without end. `write` waits in a thread of its
 * own, which `Deno.exit` does not wait for (Deno 2.9.6).
 */
export function createOutput(stream: Pick<typeof Deno.stdout, "write">, clock: Clock): Output {
  const waiting: string[] = [];
  let beganAt = 0;
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    for (let text; (text = waiting.shift()) !== undefined;) {
      // One write for each line: a pipe takes 4 kB as a whole, so no line of the app gets between.
      let bytes = new TextEncoder().encode(text);
      try {
        while (bytes.length > 0) {
          beganAt = clock.now();
          bytes = bytes.subarray(await stream.write(bytes));
        }
      } catch {
        // A drain goes on without a reader.
      }
    }
    writing = undefined;
  }

  return {
    write(text) {
      if (waiting.push(text) > MAX_WAITING) waiting.shift();
      writing ??= write();
    },
    async flush() {
      let last = beganAt;
      for (let naps = 0; writing && naps < NAPS && clock.now() < beganAt + STUCK_MS; naps++) {
        await atMost(clock, NAP_MS, writing);
        if (beganAt !== last) naps = 0;
        last = beganAt;
      }
    },
  };
}
