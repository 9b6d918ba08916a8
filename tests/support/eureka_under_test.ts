/**
 * What every Eureka server that a test talks to offers, be it real or the stand-in, so that the same
 * cases run on all of them.
 */

import type { Credentials } from "./nacos_under_test.ts";

/** What an instance can be; callers use those that are UP. */
export type EurekaStatus = "UP" | "DOWN" | "STARTING" | "OUT_OF_SERVICE" | "UNKNOWN";

export interface EurekaUnderTest {
  /** Names the server in test names: `real Eureka basic auth`, `stand-in Eureka`. */
  readonly label: string;
  /** Whether this is a real server, not the stand-in. */
  readonly real: boolean;
  /** With scheme and path, without credentials and slash at its end: `http://127.0.0.1:8761/eureka`. */
  readonly rootUrl: string;
  /** Who may use it (basic auth); undefined where it is open. */
  readonly credentials: Credentials | undefined;
  /** Whether Spring Security's CSRF protection is on: then every write answers 401. */
  readonly csrf: boolean;
  /** How often the cache behind `/apps` and `/apps/{APP}` is refreshed, milliseconds. */
  readonly cacheMs: number;
  shutdown(): Promise<void>;
}
