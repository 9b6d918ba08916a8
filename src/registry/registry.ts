import type { Views } from "./callers_views.ts";
import type { AddressFindings } from "./examine.ts";
import type { Context } from "../context.ts";
import type { Scope } from "./scope.ts";
import type { Surroundings } from "./pod_addresses.ts";

/**
 * Whether callers get an instance. `inService`: they do. `outOfService`: an operator or this program
 * keeps it back. `partlyOut`: it is registered more than once, and only some are kept back.
 * `notReady`: nobody keeps it back, but its app does not report that it can serve.
 */
export type InstanceState = "inService" | "outOfService" | "partlyOut" | "notReady";

/** One instance as a registry's own record has it. */
export interface Sighting {
  /** How log lines name it: `10.0.0.7:8080 of DEFAULT_GROUP@@orders in namespace public`. */
  readonly label: string;
  /** The configured address whose record it is. */
  readonly address: string;
  readonly state: InstanceState;
  /**
   * Whether the app has given a sign of life (a registration, a heartbeat) since this registry's
   * first look. Without one the record may be that of an app that has died. Always true where the
   * registry lets go of those.
   */
  readonly isAlive: boolean;
  /** Why nothing may be written: it stands for other pods too, in words. */
  readonly shared?: string | undefined;
  /**
   * Who keeps it back, in words, where that is no `offline`: `online` leaves it so. Undefined where
   * one has, where nobody does, or where this server has no room for the mark of an `offline`.
   */
  readonly othersWish?: string | undefined;
  /** More that `status` shows: weight, metadata, health. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What one address of a registry gives to callers. */
export interface CallersView {
  readonly address: string;
  /** Whether this instance is among it. */
  readonly listed: boolean;
  /** How many other instances are. */
  readonly others: number;
}

/** What all configured addresses of a registry give to callers. */
export type CallersViews = Views<CallersView>;

/**
 * One registry with one instance in it. Whatever is special to a kind of registry (its API, its words
 * for an instance, its logins) stays in its own folder.
 *
 * Every verb throws a `ServiceOfflineError`: `RefusedError` where only other credentials help,
 * `UnreachableError` where another try may. A verb asks all configured addresses in turn. It keeps
 * waiting for a slow one while it asks the next, and gives up when each has failed or the signal
 * fires.
 */
export interface Registry {
  /** `nacos`, `eureka`: names it in the log and in the record. */
  readonly name: string;
  /** Tells this instance from others with the same address and port, on other servers too. */
  readonly identity: string;
  /** What is looked for, in words: `10.0.0.7:8080 of app ORDERS`. */
  readonly wanted: string;
  /** How long callers go on using an instance after it has left the list, in seconds. */
  readonly callerCacheSeconds: number;
  /** How long the list may lag behind the record, in seconds. */
  readonly listLagSeconds: number;
  /** All configured addresses, each once, as the views and sightings name them. */
  readonly addresses: readonly string[];

  /**
   * How long to wait before the next look at what was written so long ago; both in milliseconds. With 0
   * it is asked once the write was answered: a record that shows it at once needs no pause.
   */
  confirmPauseMs(elapsedMs: number): number;

  /**
   * Looks into the registry's own record, which knows instances that are out of service too.
   *
   * @returns undefined where the registry has no such instance
   */
  locate(signal: AbortSignal): Promise<Sighting | undefined>;

  /** The same at one address only. What is written with this sighting is written there only. */
  locateAt(address: string, signal: AbortSignal): Promise<Sighting | undefined>;

  /**
   * Takes the instance out of service, or puts it back, and changes nothing else about it.
   *
   * @param sighting what the last look gave
   * @throws {NotFoundError} where it has gone since
   */
  set(sighting: Sighting, inService: boolean, signal: AbortSignal): Promise<void>;

  /** What every configured address gives to callers now. */
  callersViews(signal: AbortSignal): Promise<CallersViews>;

  /** Where something like the instance stands instead, one line each, at most a few. */
  nearMisses(signal: AbortSignal): Promise<string[]>;

  /**
   * Looks once more and removes the instance: for good, where its app has ended. Undefined unless the
   * settings ask for it.
   *
   * @returns what was done, in words; undefined where there is nothing to remove at a stop
   */
  readonly remove?: (signal: AbortSignal) => Promise<string | undefined>;

  /**
   * Looks for what else this pod has registered here, at addresses that are its own. Undefined where
   * the kind of registry cannot tell.
   *
   * @returns what no call before has given
   */
  readonly others?: (signal: AbortSignal) => Promise<Others>;

  /** How much of that is looked for. */
  readonly scope?: Scope;

  /** Who the instance is, as far as it is known by now. */
  names(): InstanceNames;

  /**
   * What every configured address is like, from the connection to the permission to write. A write
   * that nothing can come of shows that one. Changes nothing and never throws.
   */
  check(signal: AbortSignal): Promise<AddressFindings[]>;

  /** More that `status` shows: the address that has answered, the server's version. */
  describe(): Readonly<Record<string, unknown>>;
}

/** What else a pod has registered. */
export interface Others {
  readonly found: readonly Further[];
  /** Whether the answer grows with the registry, so that it is not asked for often. */
  readonly isLarge: boolean;
  /** How far one could look: `named` where nothing but the named one is known. */
  readonly reach: "all" | "partly" | "named";
  /** Why not all, in words. */
  readonly why?: string | undefined;
  /** What is at the pod's address and may be another's, in words, one line each. */
  readonly leftAlone: readonly string[];
}

/** A further registration of the pod. */
export interface Further {
  /** Without `others` of its own. */
  readonly registry: Registry;
  /** How log lines name it, as a sighting would. */
  readonly label: string;
}

/** Who the instance is, for whoever else has to know; undefined what is not known. */
export interface InstanceNames {
  readonly ip?: string | undefined;
  readonly port?: string;
  /** The name it is registered under, without a group. */
  readonly service?: string;
  /** Its id at Eureka; at Nacos address and port. */
  readonly instance?: string | undefined;
}

/** What every registry is made with. The log names it already. */
export interface RegistryDeps extends Pick<Context, "clock" | "log" | "signal"> {
  /** The environment variable that a setting was read from, by its key; for advice. */
  readonly variable?: (key: string) => string | undefined;
  /** Where the program runs. @default {nothing is known of it} */
  readonly surroundings?: Surroundings;
}
