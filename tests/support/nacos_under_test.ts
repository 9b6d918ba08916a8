/**
 * What every Nacos server that a test talks to offers, be it real or the stand-in, so that the same
 * cases run on all of them.
 */

/** A user of a Nacos server, made for one test run. */
export interface Credentials {
  readonly username: string;
  /** Random, and never printed. */
  readonly password: string;
}

/** The generations of the server that differ in what a client of the HTTP API sees. */
export type NacosGeneration = "1.4" | "2.x" | "3.1" | "3.2";

/** What a permission lets a user do: read, or read and write. */
export type NacosAction = "r" | "rw";

export interface NacosUnderTest {
  /** Names the server in test names: `real 3.1.0 auth on`, `stand-in 2.x`. */
  readonly label: string;
  readonly generation: NacosGeneration;
  /** Whether this is a real server, not the stand-in. */
  readonly real: boolean;
  /** `host:port`. */
  readonly addr: string;
  /** With scheme and context path, without a slash at its end: `http://127.0.0.1:8848/nacos`. */
  readonly rootUrl: string;
  /** Whether naming requests need a token (`nacos.core.auth.enabled`). */
  readonly auth: boolean;
  /** Whether the 3.x admin API needs a token (`nacos.core.auth.admin.enabled`; on as shipped). */
  readonly adminAuth: boolean;
  /** The global administrator; undefined where the server knows no user. */
  readonly admin: Credentials | undefined;
  /**
   * Makes a user with a random password who may use one namespace, and returns when that user can
   * log in and the permission is seen (a real server caches both for up to 15 s).
   * @param namespaceId the namespace, `public` for the default one; undefined makes a user without
   *   any permission
   * @param action what is permitted there, by default both
   */
  createUser(namespaceId: string | undefined, action?: NacosAction): Promise<Credentials>;
  shutdown(): Promise<void>;
}
