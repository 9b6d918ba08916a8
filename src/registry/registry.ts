/**
 * What the lifecycle needs of a registry. Whatever is special to one of them (its API, its words
 * for an instance, its logins) stays in its own folder.
 *
 * @module
 */

import type { Views } from "./callers_views.ts";
import type { AddressFindings } from "./examine.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";

/**
 * Whether callers get an instance: `inService` they do; `outOfService` an operator, or this
 * program, keeps it back; `partlyOut` a registry has it more than once and keeps only some back;
 * `notReady` nobody keeps it back, but its app does not report that it can serve.
 */
export type InstanceState = "inService" | "outOfService" | "partlyOut" | "notReady";

/** One instance as a registry's own record has it. */
export interface Sighting {
  /** How log lines name it: `10.0.0.7:8080 of DEFAULT_GROUP@@orders in namespace public`. */
  readonly label: string;
  /** The configured address whose record it is. */
  readonly address: string;
  /** Whether the registry offers it to callers. */
  readonly state: InstanceState;
  /**
   * Whether the app has given a sign of life (a registration, a heartbeat) since this registry's
   * first look. Always true where the registry lets go of an app that has died; where it does not,
   * what stands there may be a dead one's.
   */
  readonly isAlive: boolean;
  /** More that `status` shows: weight, metadata, health. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What callers are given by one address of a registry. */
export interface CallersView {
  /** The address that was asked. */
  readonly address: string;
  /** Whether this instance is among what callers get. */
  readonly listed: boolean;
  /** How many other instances callers get. */
  readonly others: number;
}

/** What all configured addresses of a registry give to callers. */
export type CallersViews = Views<CallersView>;

/**
 * One registry with one instance in it.
 *
 * Every verb throws a `ServiceOfflineError`: `RefusedError` where only other credentials help,
 * `UnreachableError` where another try may. A verb asks all configured addresses in turn, keeps a
 * slow one waiting while it asks the next, and gives up when each has failed or the signal fires.
 */
export interface Registry {
  /** `nacos`, `eureka`: names it in the log and in the record. */
  readonly name: string;
  /** Tells this instance from others with the same address and port, on other servers too. */
  readonly identity: string;
  /** What is looked for, in words. */
  readonly wanted: string;
  /** How long callers go on using an instance after it has left the list, in seconds. */
  readonly callerCacheSeconds: number;
  /**
   * How long to wait before the next look at what was written.
   *
   * @param elapsedMs since the write
   * @returns milliseconds
   */
  confirmPauseMs(elapsedMs: number): number;
  /** How long after the record has changed the list may go on showing the old, in seconds. */
  readonly listLagSeconds: number;

  /** All configured addresses, each once, as the views and sightings name them. */
  readonly addresses: readonly string[];

  /**
   * Looks into the registry's own record, which knows instances that are out of service too.
   *
   * @returns undefined where the registry has no such instance
   */
  locate(signal: AbortSignal): Promise<Sighting | undefined>;

  /**
   * The same at one address only. What is written with this sighting is written there only.
   *
   * @param address one of the configured ones
   */
  locateAt(address: string, signal: AbortSignal): Promise<Sighting | undefined>;

  /**
   * Takes the instance out of service, or puts it back, and changes nothing else about it.
   *
   * @param sighting what the last look gave
   * @throws {NotFoundError} where it has gone since
   */
  set(sighting: Sighting, inService: boolean, signal: AbortSignal): Promise<void>;

  /** What callers are given now, by every configured address. */
  callersViews(signal: AbortSignal): Promise<CallersViews>;

  /** Where something like the instance stands instead, one line each, at most a few. */
  nearMisses(signal: AbortSignal): Promise<string[]>;

  /**
   * Removes the instance, for good where its app has ended; there only where the settings ask for
   * it. Looks before it writes, as the loop does.
   *
   * @returns what was done, in words
   */
  readonly remove?: (signal: AbortSignal) => Promise<string>;

  /** Who the instance is, as far as it is known by now. */
  names(): InstanceNames;

  /**
   * What every configured address is like, from the connection to the permission to write, which is
   * tried with a write that nothing can come of. Changes nothing and never throws.
   */
  check(signal: AbortSignal): Promise<AddressFindings[]>;

  /** More that `status` shows: the address that has answered, the server's version. */
  describe(): Readonly<Record<string, unknown>>;
}

/** Who the instance is, for whoever else has to know; undefined what is not known. */
export interface InstanceNames {
  /** Its address. */
  readonly ip?: string | undefined;
  /** Its port. */
  readonly port?: string;
  /** The name it is registered under, without a group. */
  readonly service?: string;
  /** Its id at Eureka; at Nacos address and port. */
  readonly instance?: string | undefined;
}

/** What every registry is made with. */
export interface RegistryDeps {
  /** The time. */
  readonly clock: Clock;
  /** Where it says what it does; names the registry already. */
  readonly log: Log;
  /** Ends everything that is still open. */
  readonly signal: AbortSignal;
  /** The environment variable that a setting was read from, by its key; for advice. */
  readonly variable?: (key: string) => string | undefined;
}
