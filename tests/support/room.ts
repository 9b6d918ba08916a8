/** How much of the load average one processor bears before everything takes longer. */
const LOAD_PER_PROCESSOR = 6;
/** No case waits longer than this many times its usual time. */
const MOST_TIMES = 4;

/**
 * Time for what nobody measures, as a setting has it: more on a busy machine, where a request to a
 * stand-in takes seconds (load 30, two processors).
 * @param more seconds that no load changes
 */
export function room(seconds: number, more = 0): string {
  return String(Math.ceil(seconds * Math.max(1, Math.min(MOST_TIMES, busyness()))) + more);
}

/** Whether everything takes longer now than usual. */
export function isBusy(): boolean {
  return busyness() > 1;
}

function busyness(): number {
  const [load = 0] = Deno.loadavg();
  return load / navigator.hardwareConcurrency / LOAD_PER_PROCESSOR;
}
