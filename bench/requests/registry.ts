/**
 * What the bench needs of a registry.
 *
 * @module
 */

import type { JavaProgram } from "../../tests/support/java_lab.ts";

/** Settings of a Spring application. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** Where a provider listens. */
export interface Address {
  /** Of 127.0.0.0/8. */
  readonly ip: string;
  /** Its port. */
  readonly port: number;
}

/** A real registry with all settings as shipped, and the Spring services that use it. */
export interface Registry extends AsyncDisposable {
  /** Names it in tables. */
  readonly label: string;
  /** The program that is its provider and its consumers. */
  readonly java: JavaProgram;
  /** What no message may show. */
  readonly secrets: readonly string[];
  /** What every application needs to find it. */
  readonly client: Settings;
  /** What a provider needs to be registered with its address. */
  provider(address: Address): Settings;
  /** What a consumer needs beside that. */
  readonly consumer: Settings;
  /** The hook's environment, as the container has it. */
  hook(service: string, address: Address): Readonly<Record<string, string>>;
  /** Takes an instance out as a script does, with one request that this server takes. */
  takeOut(service: string, address: Address): Promise<void>;
  /** What the published script sends, where that does not take it out. */
  published?(service: string, address: Address): Promise<void>;
  /** How often the cache is renewed that decides how long callers go on. */
  readonly cycleMs: number;
  /**
   * When that cache was renewed once, milliseconds since 1970.
   *
   * @param loadBeganAt when the first consumer of a service began to call
   */
  renewedAt(loadBeganAt: number): Promise<number>;
}
