import { isAmong } from "../same_address.ts";
import type { InstanceState } from "../registry.ts";

/** What tells one instance from another, and what decides whether callers get it. */
export interface EurekaInstance {
  /** Case counts. */
  readonly id: string;
  readonly ipAddr: string;
  /** The ports that are switched on: the plain one, the one for https, or both. */
  readonly ports: readonly number[];
  /** `UP`, `DOWN`, `STARTING`, `OUT_OF_SERVICE` or `UNKNOWN`. Callers get those that are UP. */
  readonly status: string;
  /** What an operator has written over the app's own status; `UNKNOWN` for nothing. */
  readonly override: string;
  /**
   * When it registered or sent its last heartbeat, by the server's clock; only compared. Undefined
   * where the server does not say it: one of other make, whose times are all 0.
   */
  readonly renewedAt: unknown;
  /** When its app has last changed it, by the app's clock, ms since the epoch; 0 where not known. */
  readonly dirtyAt: number;
  /** What the app says about itself; only shown. */
  readonly metadata: unknown;
}

/** What is looked for. */
export interface Wanted {
  /** As it is set; capitals do not count. */
  readonly app: string;
  /** Undefined where any counts. */
  readonly port: number | undefined;
  /** Where one is set. */
  readonly id: string | undefined;
  /** Whether it is everything that the app has at the address. */
  readonly isWhole?: true;
  /** What is looked for by itself already. */
  readonly except?: Wanted;
}

export interface EurekaApp {
  /** In capitals, as Eureka keeps it. */
  readonly name: string;
  /** Whatever their status. */
  readonly instances: readonly EurekaInstance[];
}

/** Address and ports in words: `10.0.0.7:8080,8443`. */
export function placeOf({ ipAddr, ports }: EurekaInstance): string {
  return `${ipAddr}:${ports.join(",")}`;
}

/** Whether an instance stands at one of these addresses and the port, the plain one or the one for https. */
export function isAt(
  instance: EurekaInstance,
  addresses: readonly string[],
  port: number | undefined,
): boolean {
  return isAmong(instance.ipAddr, addresses) &&
    (port === undefined || instance.ports.includes(port));
}

/**
 * Whether somebody keeps an instance back. An app that reports STARTING or DOWN hides the override,
 * and the override is back as soon as the app reports UP. It need not be OUT_OF_SERVICE: scripts
 * write DOWN. An app that has registered itself OUT_OF_SERVICE counts as well: it stays so whatever
 * it registers later.
 */
export function isKeptBack({ status, override }: EurekaInstance): boolean {
  return status === OUT_OF_SERVICE || (status !== UP && override !== UP && override !== UNKNOWN);
}

/** What callers get. */
export const UP = "UP";
/** What is written to take an instance out. */
export const OUT_OF_SERVICE = "OUT_OF_SERVICE";
/** Out of service too, as far as callers go. */
export const DOWN = "DOWN";
/** The override where there is none. */
export const UNKNOWN = "UNKNOWN";

/**
 * The state of an instance with one registration or several. Apps with a random part in their id
 * leave a second one behind when they crash and start again, and callers use both.
 */
export function stateOf(instances: readonly EurekaInstance[]): InstanceState {
  const keptBack = instances.filter(isKeptBack).length;
  if (keptBack === instances.length) return "outOfService";
  if (keptBack > 0) return "partlyOut";
  return instances.every((one) => one.status === UP) ? "inService" : "notReady";
}
