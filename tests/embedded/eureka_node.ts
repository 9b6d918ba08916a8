/** One server of a group: its registry, its cache, and what it tells its peers. */

import type { EurekaStatus } from "../support/eureka_under_test.ts";
import { listed } from "./eureka_answers.ts";
import { type CacheKey, ResponseCache } from "./eureka_cache.ts";
import { idOf, type InstanceInfo } from "./eureka_instance.ts";
import { EurekaRegistry } from "./eureka_registry.ts";

interface EurekaNodeOptions {
  readonly cacheMs: number;
  readonly readOnlyCache: boolean;
  readonly leaseMs: number | undefined;
  readonly replicationMs: number;
}

/** A server without its HTTP. */
export class EurekaNode {
  readonly peers: EurekaNode[] = [];
  readonly #registry: EurekaRegistry;
  readonly #cache: ResponseCache;
  readonly #replicationMs: number;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #up = true;

  /** An empty node without peers. */
  constructor(options: EurekaNodeOptions) {
    const { cacheMs, readOnlyCache: readOnly, leaseMs, replicationMs } = options;
    const generate = (key: CacheKey) => listed(key, this.#registry.instances(key.app));
    const cache = new ResponseCache({ cacheMs, readOnly, generate });
    this.#registry = new EurekaRegistry({ leaseMs, changed: (app) => cache.invalidate(app) });
    this.#cache = cache;
    this.#replicationMs = replicationMs;
  }

  register(info: InstanceInfo): void {
    const { app } = info;
    this.#now().register(info, false);
    this.#replicate(app, idOf(info), (peer, own) => peer.register(own, true));
  }

  /** A heartbeat: a peer that does not know the instance gets the whole of it, override and all. */
  renew(app: string, id: string): boolean {
    return this.#now().renew(app, id, false) && this.#replicate(app, id, (peer, own) => {
      if (!peer.renew(app, id, true)) peer.register(own, true);
    });
  }

  cancel(app: string, id: string): boolean {
    const registry = this.#now();
    const own = registry.find(app, id);
    return registry.cancel(app, id) &&
      this.#replicate(app, id, (peer) => peer.cancel(app, id), own);
  }

  override(app: string, id: string, status: EurekaStatus, dirtyAt: number): boolean {
    return this.#now().override(app, id, status, dirtyAt) &&
      this.#replicate(app, id, (peer, { lastDirtyTimestamp }) => {
        peer.override(app, id, status, Number(lastDirtyTimestamp));
      });
  }

  clearOverride(app: string, id: string, status: EurekaStatus, dirtyAt: number): boolean {
    return this.#now().clearOverride(app, id, status, dirtyAt) &&
      this.#replicate(app, id, (peer, { lastDirtyTimestamp }) => {
        peer.clearOverride(app, id, status, Number(lastDirtyTimestamp));
      });
  }

  /** The record of an instance, never cached. */
  find(app: string, id: string): InstanceInfo | undefined {
    return this.#now().find(app, id);
  }

  /** All instances, never cached. */
  instances(): InstanceInfo[] {
    return [...this.#now().instances().values()].flat();
  }

  list(key: CacheKey): string | undefined {
    this.#now();
    return this.#cache.get(key);
  }

  /** Ends, as a kill does: what is on its way to the peers is lost. */
  stop(): void {
    this.#up = false;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /**
   * Begins anew, empty.
   * @param syncMs until it has what a peer tells it at the start; 0 for at once
   */
  restart(syncMs: number): void {
    this.#registry.clear();
    this.#cache.clear();
    this.#up = true;
    if (syncMs === 0) this.#sync();
    else this.#later(syncMs, () => this.#sync());
  }

  /**
   * Only what is UP: a server reads the list of a peer as a client does, and a client drops the
   * others (`filter-only-up-instances`). So what is OUT_OF_SERVICE is a 404 here until its next
   * heartbeat at a peer.
   */
  #sync(): void {
    const peer = this.peers.find((peer) => peer.#up);
    for (const info of peer?.instances() ?? []) {
      if (info.status === "UP") this.#now().register(info, true);
    }
  }

  /** The registry, brought up to now: the cache first, as it shows what was before. */
  #now(): EurekaRegistry {
    this.#cache.refresh();
    this.#registry.expire();
    return this.#registry;
  }

  /** What does not reach a peer is lost; real servers try again for a while. */
  #replicate(
    app: string,
    id: string,
    write: (peer: EurekaRegistry, own: InstanceInfo) => void,
    own: InstanceInfo | undefined = this.#registry.find(app, id),
  ): true {
    for (const peer of own ? this.peers : []) {
      this.#later(this.#replicationMs, () => {
        if (peer.#up && own) write(peer.#now(), own);
      });
    }
    return true;
  }

  #later(ms: number, fn: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      fn();
    }, ms);
    this.#timers.add(timer);
  }
}
