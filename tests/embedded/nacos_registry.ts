/** What the stand-in knows about services and instances, and how late it shows it. */

import type { NacosGeneration } from "../support/nacos_under_test.ts";

/** A service: the same name in another group or namespace is another one. */
export interface ServiceKey {
  /** `public` for the default one. */
  readonly namespaceId: string;
  /** `DEFAULT_GROUP` by default. */
  readonly groupName: string;
  readonly serviceName: string;
}

/** An instance of a service is told by these three. */
export interface Place {
  readonly ip: string;
  readonly port: number;
  /** `DEFAULT` by default. */
  readonly clusterName: string;
}

/** What an application says about itself when it registers. */
export interface Registered extends Place {
  /** Its share of the load, 0 to 10000. */
  readonly weight: number;
  readonly enabled: boolean;
  readonly ephemeral: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether a 2.x/3.x client registered it over gRPC: it needs no beats, and HTTP cannot delete it. */
  readonly grpc: boolean;
  /**
   * The clients that have published it: one a connection of gRPC, two behind a shared address.
   * @default {one for each address; of HTTP one for each instance}
   */
  readonly clients?: readonly string[];
  /** Whether it was registered as part of a batch: 2.2.4 does not say where that is. */
  readonly batch?: boolean;
  /** Whether it came over v1; only those show an instanceId on 3.1.0. */
  readonly viaV1: boolean;
}

/** What an operator has changed; on 2.x and 3.x it is kept beside the registration. */
interface Changes {
  readonly enabled?: boolean;
  readonly weight?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface Shown extends Registered {
  readonly healthy: boolean;
}

interface RegistryTimes {
  readonly pushDelayMs: number;
  /** How long a changed flag outlives a deregistration (2.x, 3.x). */
  readonly flagMemoryMs: number;
  /** Without beats for so long, an instance is unhealthy; for twice as long, gone. */
  readonly beatTimeoutMs: number;
}

interface Overlay {
  readonly enabled: boolean;
  readonly weight: number;
  readonly metadata: Readonly<Record<string, string>>;
  forgetAt: number;
}

interface Kept {
  registered: Registered;
  lastBeat: number;
  healthy: boolean;
}

interface Service {
  readonly key: ServiceKey;
  readonly instances: Map<string, Kept>;
  readonly overlays: Map<string, Overlay>;
  /** All answers of 2.x and 3.x come from one cached view per service, the record too. */
  view: readonly Shown[] | undefined;
  viewDueAt: number | undefined;
}

export class NacosRegistry {
  readonly #services = new Map<string, Service>();
  readonly #generation: NacosGeneration;
  readonly #times: RegistryTimes;

  /** An empty registry. */
  constructor(generation: NacosGeneration, times: RegistryTimes) {
    this.#generation = generation;
    this.#times = times;
  }

  /** Puts an instance in, or in place of itself: on 1.4.8 that resets what an operator changed. */
  register(key: ServiceKey, registered: Registered): void {
    const service = this.#open(key);
    const place = placeName(registered);
    service.instances.set(place, { registered, lastBeat: Date.now(), healthy: true });
    const overlay = overlayAt(service, place);
    if (overlay) overlay.forgetAt = Infinity;
    this.#changed(service);
  }

  /**
   * Takes an instance out. A gRPC registration stays, and one of the other kind (persistent,
   * ephemeral): the answer is `ok` all the same.
   */
  deregister(key: ServiceKey, at: Place, ephemeral: boolean): void {
    const service = this.#find(key);
    const kept = service?.instances.get(placeName(at));
    if (!service || !kept || kept.registered.grpc) return;
    if (kept.registered.ephemeral === ephemeral) this.#remove(service, placeName(at));
  }

  /** Ends a gRPC registration too, as the end of its connection does. */
  disconnect(key: ServiceKey, at: Place): void {
    const service = this.#find(key);
    if (service) this.#remove(service, placeName(at));
  }

  /** Notes a heartbeat, which changes nothing else; false where the instance is not registered. */
  beat(key: ServiceKey, at: Place): boolean {
    const kept = this.#find(key)?.instances.get(placeName(at));
    if (!kept) return false;
    kept.lastBeat = Date.now();
    return true;
  }

  /** Whether the service was ever registered: an empty one stays for a while on real servers. */
  knows(key: ServiceKey): boolean {
    return this.#find(key) !== undefined;
  }

  /**
   * What an operator writes. The caller has decided what an omitted value means; the place need not
   * exist on 2.x and 3.x: then it waits for whoever registers there ("poison").
   */
  write(key: ServiceKey, at: Place, changes: Required<Changes>): void {
    const service = this.#open(key);
    const place = placeName(at);
    const kept = service.instances.get(place);
    if (this.#generation === "1.4") {
      if (kept) kept.registered = { ...kept.registered, ...changes };
    } else {
      service.overlays.set(place, { ...changes, forgetAt: Infinity });
    }
    this.#changed(service);
  }

  /** What was written earlier for this place and is still remembered (2.x, 3.x). */
  written(key: ServiceKey, at: Place): Required<Changes> | undefined {
    const service = this.#find(key);
    return service && overlayAt(service, placeName(at));
  }

  /** The instances of a service as answers show them now, or undefined for an unknown service. */
  shown(key: ServiceKey): readonly Shown[] | undefined {
    const service = this.#find(key);
    if (!service) return undefined;
    this.#expire(service);
    // The first view of a service is made at once, a later one only after the push delay: measured
    // 490 to 600 ms on 2.2.4 and 3.1.0. On 1.4.8 there is no view.
    const due = service.viewDueAt !== undefined && Date.now() >= service.viewDueAt;
    if (!service.view || due || this.#times.pushDelayMs === 0) {
      service.view = show(service);
      service.viewDueAt = undefined;
    }
    return service.view;
  }

  services(namespaceId?: string): ServiceKey[] {
    return [...this.#services.values()]
      .map(({ key }) => key)
      .filter((key) => namespaceId === undefined || key.namespaceId === namespaceId);
  }

  #open(key: ServiceKey): Service {
    let service = this.#find(key);
    if (!service) {
      service = {
        key,
        instances: new Map(),
        overlays: new Map(),
        view: undefined,
        viewDueAt: undefined,
      };
      this.#services.set(serviceName(key), service);
    }
    return service;
  }

  #find(key: ServiceKey): Service | undefined {
    return this.#services.get(serviceName(key));
  }

  #remove(service: Service, place: string): void {
    if (!service.instances.delete(place)) return;
    const overlay = overlayAt(service, place);
    // Measured: a process that registers at the same place within 60 s is disabled from the start.
    if (overlay) overlay.forgetAt = Date.now() + this.#times.flagMemoryMs;
    this.#changed(service);
  }

  #changed(service: Service): void {
    service.viewDueAt ??= Date.now() + this.#times.pushDelayMs;
  }

  #expire(service: Service): void {
    for (const [place, kept] of service.instances) {
      if (kept.registered.grpc || !kept.registered.ephemeral) continue;
      const silent = Date.now() - kept.lastBeat;
      const healthy = silent < this.#times.beatTimeoutMs;
      if (silent >= 2 * this.#times.beatTimeoutMs) this.#remove(service, place);
      else if (kept.healthy !== healthy) {
        kept.healthy = healthy;
        this.#changed(service);
      }
    }
  }
}

function show(service: Service): Shown[] {
  return [...service.instances].map(([place, { registered, healthy }]) => {
    const overlay = overlayAt(service, place);
    if (!overlay) return { ...registered, healthy };
    const { enabled, weight } = overlay;
    // An overlay over the app's own metadata, not in place of it (2.2.4, 3.1.0).
    const metadata = { ...registered.metadata, ...overlay.metadata };
    return { ...registered, healthy, enabled, weight, metadata };
  });
}

function overlayAt(service: Service, place: string): Overlay | undefined {
  const overlay = service.overlays.get(place);
  if (!overlay || Date.now() < overlay.forgetAt) return overlay;
  service.overlays.delete(place);
  return undefined;
}

function serviceName(key: ServiceKey): string {
  return JSON.stringify([key.namespaceId, key.groupName, key.serviceName]);
}

function placeName(at: Place): string {
  return JSON.stringify([at.ip, at.port, at.clusterName]);
}
