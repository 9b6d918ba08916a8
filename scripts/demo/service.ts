/** A service with two pods, of which one is stopped, and those who call it. */

import { type DemoRegistry, IP } from "./registry.ts";
import { startHook } from "../../tests/support/hook.ts";
import { pause } from "../../tests/support/pause.ts";

/** How many call a service, and how often each. */
const CALLERS = 5;
const CALL_EVERY_MS = 125;
/** Requests to a service, of all its callers together. */
export const PER_SECOND = CALLERS * 1000 / CALL_EVERY_MS;
/** What the scripts sleep; a tenth of 30 s. */
export const SCRIPT_SLEEP_MS = 3_000;
const ANSWER_TIMEOUT_MS = 5_000;

/** What became of the requests that began in one second. */
export interface Second {
  ok: number;
  failed: number;
}

/** What runs. */
export interface Service {
  /** Requests by the second in which they began. */
  readonly seconds: readonly Second[];
  /** Stops one pod as the kubelet does: the hook first, then TERM. */
  stop(by: "script" | "program", tell: (what: string) => void): Promise<void>;
  /** Ends the calls; returns when the last has ended. */
  end(): Promise<void>;
}

/** Starts two pods, and the calls. */
export async function startService(registry: DemoRegistry, name: string): Promise<Service> {
  const stopped = await startPod(registry, name);
  const other = await startPod(registry, name);
  const seconds: Second[] = [];
  const beganAt = performance.now();
  const running = new AbortController();
  const callers = Array.from({ length: CALLERS }, (_, i) => {
    const list = consumerList(registry, name, i / CALLERS, running.signal);
    return callAgainAndAgain(list, i, running.signal, (begin, ok) => {
      const second = seconds[Math.floor((begin - beganAt) / 1000)] ??= { ok: 0, failed: 0 };
      second[ok ? "ok" : "failed"]++;
    });
  });
  return {
    seconds,
    async stop(by, tell) {
      await (by === "script" ? script : program)(registry, name, stopped.port, tell);
      tell("TERM: the pod closes its port");
      await stopped.terminate();
    },
    async end() {
      running.abort();
      await Promise.all(callers);
      await other.terminate();
    },
  };
}

/** A web server that registers itself, and on TERM deregisters and closes its port. */
async function startPod(registry: DemoRegistry, service: string) {
  const server = Deno.serve(
    { hostname: IP, port: 0, onListen: () => {} },
    () => new Response("hello"),
  );
  const { port } = server.addr;
  await registry.register(service, port);
  return {
    port,
    async terminate() {
      await registry.deregister(service, port);
      await server.shutdown();
    },
  };
}

/**
 * The list that a consumer goes by, as Spring Cloud has it: what the registry told it last, kept by
 * its load balancer for a while.
 *
 * @param phase where in these times it is, 0 to 1: consumers were not all started at once
 */
function consumerList(
  registry: DemoRegistry,
  service: string,
  phase: number,
  signal: AbortSignal,
): () => Promise<number[]> {
  const { fetchMs, cacheMs } = registry;
  const ask = () => registry.list(service);
  const told = fetchMs === undefined ? ask : polled(ask, fetchMs, fetchMs * phase, signal);
  return kept(told, cacheMs, cacheMs * phase);
}

/** Asks at fixed times, and goes by the last answer between them. */
function polled<T>(ask: () => Promise<T>, everyMs: number, firstMs: number, signal: AbortSignal) {
  let last = ask();
  const again = () => last = ask();
  setTimeout(() => {
    if (signal.aborted) return;
    again();
    const timer = setInterval(again, everyMs);
    signal.addEventListener("abort", () => clearInterval(timer));
  }, firstMs);
  return () => last;
}

/** Asks when the last answer is too old. */
function kept<T>(ask: () => Promise<T>, ms: number, ageMs: number): () => Promise<T> {
  let last: Promise<T> | undefined;
  let until = 0;
  return () => {
    const now = performance.now();
    if (last === undefined || now > until) {
      until = now + ms - (last === undefined ? ageMs : 0);
      last = ask();
    }
    return last;
  };
}

/** Calls one pod after the other, without a retry. */
async function callAgainAndAgain(
  list: () => Promise<number[]>,
  caller: number,
  signal: AbortSignal,
  ended: (begin: number, ok: boolean) => void,
): Promise<void> {
  const beganAt = performance.now() + caller / CALLERS * CALL_EVERY_MS;
  for (let n = 0; !signal.aborted; n++) {
    await pause(Math.max(0, beganAt + n * CALL_EVERY_MS - performance.now()));
    const ports = await list();
    const port = ports[(n + caller) % ports.length];
    const begin = performance.now();
    ended(begin, port !== undefined && await isAnswered(port));
  }
}

async function isAnswered(port: number): Promise<boolean> {
  try {
    const late = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const response = await fetch(`http://${IP}:${port}/`, { signal: late });
    await response.text();
    return response.ok;
  } catch {
    return false;
  }
}

async function script(
  registry: DemoRegistry,
  name: string,
  port: number,
  tell: (what: string) => void,
): Promise<void> {
  tell(await registry.script(name, port));
  tell(`sleep ${SCRIPT_SLEEP_MS / 1000}`);
  await pause(SCRIPT_SLEEP_MS);
  tell("the script ends: exit code 0");
}

async function program(
  registry: DemoRegistry,
  name: string,
  port: number,
  tell: (what: string) => void,
): Promise<void> {
  await using hook = startHook(["offline"], {
    ...registry.hook(name, port),
    podip: IP,
    DRAIN_SECONDS: String(registry.drainSeconds),
    TERMINATION_GRACE_PERIOD_SECONDS: "60",
    // All pods of the demo share one address.
    OFFLINE_SCOPE: "named",
    LOG_FORMAT: "json",
  });
  const accepted = await hook.waitForLine(/"event":"accepted"/);
  tell(`out of service, proven: ${JSON.parse(accepted).elapsedMs} ms`);
  const { code } = await hook.done;
  tell(`drained: exit code ${code}`);
  if (code !== 0) throw new Error(`The program has ended with ${code}`);
}
