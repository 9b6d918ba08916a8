/** How much of the load average one processor bears before everything takes longer. */
const LOAD_PER_PROCESSOR = 6;
/** No case waits longer than this many times its usual time. */
const MOST_TIMES = 4;
/** Less than this is the noise of a quiet machine. */
const LEAST_TIMES = 1.5;

/**
 * How many times longer than alone one thread's work took before the tests began. The load average
 * shows others only after a minute; `scripts/test.ts` measures it.
 */
export const SLOWDOWN = "TESTS_SLOWDOWN";

/**
 * Time for what nobody measures, as a setting has it: more on a busy machine, where a request to a
 * stand-in takes seconds (four busy processes beside the tests, two processors).
 * @param more seconds that no load changes
 */
export function room(seconds: number, more = 0): string {
  return String(Math.ceil(seconds * Math.min(MOST_TIMES, slowdown())) + more);
}

function slowdown(): number {
  const [load = 0] = Deno.loadavg();
  const byLoad = load / navigator.hardwareConcurrency / LOAD_PER_PROCESSOR;
  const times = Math.max(byLoad, Number(Deno.env.get(SLOWDOWN) ?? 1));
  return times < LEAST_TIMES ? 1 : times;
}
