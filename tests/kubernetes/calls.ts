/** Callers of the pods under test, who cache the list of instances as Spring Cloud apps do. */

interface CallsOptions {
  /** The list as the callers' registry client has it now, `ip:port` each. */
  readonly list: () => readonly string[] | Promise<readonly string[]>;
  /** How long a caller uses a list before it takes the newest, milliseconds. */
  readonly cacheMs: number;
  /** How many callers there are; their caches are renewed one after the other, evenly spread. */
  readonly callers: number;
  /** Between the starts of two calls of one caller, milliseconds. */
  readonly everyMs: number;
}

interface CallsTo {
  /** `ip:port`. */
  readonly address: string;
  /** How many were answered with 200, to the end of the body. */
  readonly answered: number;
  /** How many of those began when the newest list no longer had the address. */
  readonly fromCache: number;
  readonly failures: readonly string[];
}

interface Calls extends AsyncDisposable {
  /** Ends them, lets the open calls end, and gives what became of all, by address. */
  stop(): Promise<readonly CallsTo[]>;
}

const TIMEOUT_MS = 10_000;

/** Starts to call, each address of a caller's list in turn; nothing is tried twice. */
export function startCalls({ list, cacheMs, callers, everyMs }: CallsOptions): Calls {
  const all = new Map<string, { answered: number; fromCache: number; failures: string[] }>();
  let stopped = false;

  const call = async (address: string, isListed: boolean) => {
    const calls = all.get(address) ?? { answered: 0, fromCache: 0, failures: [] };
    all.set(address, calls);
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const answer = await fetch(`http://${address}/`, { signal });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${answer.status} ${text}`);
      calls.answered++;
      if (!isListed) calls.fromCache++;
    } catch (error) {
      const cause = error instanceof Error && error.cause ? `: ${error.cause}` : "";
      calls.failures.push(`${new Date().toISOString()} ${error}${cause}`);
    }
  };
  const caller = async (index: number) => {
    const open = new Set<Promise<void>>();
    let cached = await list();
    let cachedAt = Date.now() - index * cacheMs / callers;
    for (let turn = index; !stopped; turn++) {
      const newest = await list();
      if (Date.now() - cachedAt >= cacheMs) {
        cached = newest;
        cachedAt = Date.now();
      }
      const address = cached[turn % cached.length];
      if (address !== undefined) {
        const one = call(address, newest.includes(address));
        open.add(one);
        one.finally(() => open.delete(one));
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    await Promise.all(open);
  };

  const running = Promise.all(Array.from({ length: callers }, (_, index) => caller(index)));
  const stop = async () => {
    stopped = true;
    await running;
    return [...all].map(([address, calls]) => ({ address, ...calls }));
  };
  return { stop, [Symbol.asyncDispose]: async () => void await stop() };
}

/** What became of the calls, in words, one line an address. */
export function callsInWords(calls: readonly CallsTo[]): string {
  return calls.map(({ address, answered, fromCache, failures }) =>
    `${address}: ${answered} answered, ${fromCache} of them after it had left the list, ` +
    [`${failures.length} failed`, ...failures.slice(0, 3)].join("; ")
  ).join("\n");
}
