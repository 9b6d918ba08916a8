/** What the stand-in knows about instances: leases, and the status overrides beside them. */

import type { EurekaStatus } from "../support/eureka_under_test.ts";
import { idOf, type InstanceInfo } from "./eureka_instance.ts";

interface Lease {
  readonly info: InstanceInfo;
  expiresAt: number;
}

interface EurekaRegistryOptions {
  /** In place of the lease duration that each application names, milliseconds. */
  readonly leaseMs: number | undefined;
  readonly changed: (app: string) => void;
}

/** The state behind the stand-in's API. Application names are in upper case. */
export class EurekaRegistry {
  readonly #apps = new Map<string, Map<string, Lease>>();
  /**
   * By instance id alone, as in Netflix's registry: applications that share an id share the
   * override. It outlives a registration, though not a DELETE of the instance nor its expiry.
   */
  readonly #overrides = new Map<string, EurekaStatus>();
  readonly #options: EurekaRegistryOptions;

  /** An empty registry. */
  constructor(options: EurekaRegistryOptions) {
    this.#options = options;
  }

  clear(): void {
    for (const app of this.#apps.keys()) this.#options.changed(app);
    this.#apps.clear();
    this.#overrides.clear();
  }

  /** Puts an instance in, or in place of itself; an override stays, and may hide what it says. */
  register(registered: InstanceInfo, replicated: boolean): void {
    const id = idOf(registered);
    const leases = this.#apps.get(registered.app) ?? new Map<string, Lease>();
    const held = leases.get(id)?.info;
    // What the application has changed later counts.
    const isOlder = Number(held?.lastDirtyTimestamp) > Number(registered.lastDirtyTimestamp);
    const info = structuredClone(isOlder && held ? held : registered);
    const { overriddenStatus } = info;
    if (overriddenStatus !== "UNKNOWN" && !this.#overrides.has(id)) {
      this.#overrides.set(id, overriddenStatus);
    }
    info.overriddenStatus = this.#overrides.get(id) ?? overriddenStatus;
    info.status = this.#statusOf(info, held, replicated);
    leases.set(id, { info, expiresAt: Date.now() + this.#leaseMs(info) });
    this.#apps.set(info.app, leases);
    this.#touch(info, "ADDED");
  }

  /** Notes a heartbeat. @returns false where the application has to register (again) */
  renew(app: string, id: string, replicated: boolean): boolean {
    const lease = this.#lease(app, id);
    if (!lease) return false;
    const status = this.#statusOf(lease.info, lease.info, replicated);
    if (status === "UNKNOWN") return false;
    // Without a word to the cache.
    lease.info.status = status;
    this.#renewed(lease);
    return true;
  }

  /** Takes an instance out, and its override with it; false where it is unknown. */
  cancel(app: string, id: string): boolean {
    // Even where the application does not have that id.
    this.#overrides.delete(id);
    const leases = this.#apps.get(app);
    if (!leases?.delete(id)) return false;
    if (leases.size === 0) this.#apps.delete(app);
    this.#options.changed(app);
    return true;
  }

  /**
   * Sets the override; not where the status is that already. False where it is unknown.
   * @param dirtyAt in place of when the application has last changed it, where that was earlier
   */
  override(app: string, id: string, status: EurekaStatus, dirtyAt: number): boolean {
    const lease = this.#lease(app, id);
    if (!lease) return false;
    this.#renewed(lease);
    if (lease.info.status === status) return true;
    this.#overrides.set(id, status);
    lease.info.overriddenStatus = status;
    lease.info.status = status;
    dirty(lease.info, dirtyAt);
    this.#touch(lease.info, "MODIFIED");
    return true;
  }

  /** Takes the override away; where there is none, nothing changes. False where it is unknown. */
  clearOverride(app: string, id: string, status: EurekaStatus, dirtyAt: number): boolean {
    const lease = this.#lease(app, id);
    if (!lease) return false;
    this.#renewed(lease);
    if (!this.#overrides.delete(id)) return true;
    lease.info.overriddenStatus = "UNKNOWN";
    lease.info.status = status;
    dirty(lease.info, dirtyAt);
    this.#touch(lease.info, "MODIFIED");
    return true;
  }

  /** Lets go whose heartbeats have ended: at once, and all of them, unlike a real server. */
  expire(): void {
    const now = Date.now();
    for (const [app, leases] of [...this.#apps]) {
      for (const [id, { expiresAt }] of [...leases]) if (now > expiresAt) this.cancel(app, id);
    }
  }

  find(app: string, id: string): InstanceInfo | undefined {
    return this.#lease(app, id)?.info;
  }

  instances(app?: string): ReadonlyMap<string, readonly InstanceInfo[]> {
    const infos = (leases: ReadonlyMap<string, Lease>) => [...leases.values()].map((l) => l.info);
    const wanted = [...this.#apps].filter(([name]) => app === undefined || name === app);
    return new Map(wanted.map(([name, leases]) => [name, infos(leases)]));
  }

  /** Netflix's rules, the first that fits: DownOrStarting, OverrideExists, LeaseExists. */
  #statusOf(
    info: InstanceInfo,
    held: InstanceInfo | undefined,
    replicated: boolean,
  ): EurekaStatus {
    if (info.status !== "UP" && info.status !== "OUT_OF_SERVICE") return info.status;
    const override = this.#overrides.get(idOf(info));
    if (override) return override;
    const keeps = held?.status === "UP" || held?.status === "OUT_OF_SERVICE";
    return keeps && !replicated ? held.status : info.status;
  }

  #lease(app: string, id: string): Lease | undefined {
    return this.#apps.get(app)?.get(id);
  }

  #leaseMs(info: InstanceInfo): number {
    return this.#options.leaseMs ?? info.leaseInfo.durationInSecs * 1000;
  }

  #renewed(lease: Lease): void {
    // Netflix adds the duration twice: an old mistake of theirs, and documented.
    const renewedAt = Date.now() + this.#leaseMs(lease.info);
    lease.info.leaseInfo.lastRenewalTimestamp = renewedAt;
    lease.expiresAt = renewedAt + this.#leaseMs(lease.info);
  }

  #touch(info: InstanceInfo, actionType: InstanceInfo["actionType"]): void {
    info.actionType = actionType;
    info.lastUpdatedTimestamp = String(Date.now());
    this.#options.changed(info.app);
  }
}

function dirty(info: InstanceInfo, at: number): void {
  if (at > Number(info.lastDirtyTimestamp)) info.lastDirtyTimestamp = String(at);
}
