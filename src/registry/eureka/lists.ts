import type { EurekaInstance } from "./instance.ts";
import type { EurekaServer } from "./server.ts";
import { atMost, type Clock } from "../../clock.ts";
import { abortable } from "../abortable.ts";

/** A server, as far as its lists go. */
type Lister = Pick<EurekaServer, "root" | "connect" | "instances">;

/** The lists of one app at all servers, and when they can be believed. */
export type Lists = ReturnType<typeof createLists>;

/** How often the cache behind the lists is renewed, milliseconds. */
const CACHE_MS = 30_000;

/** How long the first write waits for the lists, milliseconds. */
const WARMING_MS = 100;

export function createLists(app: string, servers: readonly Lister[], clock: Clock) {
  /** When each server has given its first list, milliseconds since the epoch. */
  const firstAt = new Map<Lister, number>();
  /** Lists that are under way: whoever wants one waits for it instead of asking twice. */
  const open = new Map<Lister, Promise<EurekaInstance[] | undefined>>();
  /** Whose lists were there before the first write. */
  let early: ReadonlySet<Lister> | undefined;

  async function ask(server: Lister, signal: AbortSignal) {
    const instances = await server.instances(app, signal);
    if (!firstAt.has(server)) firstAt.set(server, clock.now());
    return instances;
  }

  return {
    /**
     * Asks every server for its list, beside whatever else is asked. A server makes a list when it is
     * first asked for it: that one is ahead of the lists that callers get until the next renewal.
     */
    warmUp(signal: AbortSignal): void {
      for (const server of servers) {
        const list = server.connect(signal).then(() => ask(server, signal));
        open.set(server, list);
        const close = () => void open.delete(server);
        list.then(close, close);
      }
    },
    /**
     * To be called before the first write. Waits a tenth of a second at most for the lists that are
     * under way, and notes that what comes later may be ahead.
     */
    async beforeWrite(): Promise<void> {
      if (early !== undefined) return;
      await atMost(clock, WARMING_MS, Promise.allSettled(open.values()));
      early = new Set(firstAt.keys());
    },
    /**
     * All instances of the app, whatever their status; undefined where the server knows no such app.
     *
     * @throws {ServiceOfflineError} as the server's own call
     */
    at(server: Lister, signal: AbortSignal): Promise<EurekaInstance[] | undefined> {
      const underWay = open.get(server);
      if (underWay === undefined) return ask(server, signal);
      return abortable(underWay, signal, `${server.root}: no list in time`);
    },
    /** Whether a server's list may show a change sooner than callers get it. */
    mayBeAhead: (server: Lister): boolean =>
      early !== undefined && !early.has(server) &&
      clock.now() < (firstAt.get(server) ?? 0) + CACHE_MS,
  };
}
