/**
 * Who asks a server.
 *
 * @module
 */

import type { Log } from "../log.ts";

/** A user and its password. */
export interface Credentials {
  /** The user. */
  readonly username: string;
  /** Never shown, and never in a URL that is sent. */
  readonly password: string;
}

/**
 * Puts user and password together.
 *
 * @param setting the name of the user's setting, for the log
 * @param username undefined where nobody logs in
 * @param password undefined where there is none: then nobody logs in either, since the app may have
 * it from elsewhere and many servers want no login
 * @param log where the missing password is said
 */
export function credentialsOf(
  setting: string,
  username: string | undefined,
  password: string | undefined,
  log: Log,
): Credentials | undefined {
  if (username === undefined) return undefined;
  if (password !== undefined) return { username, password };
  log.warn("no_password", `${setting} is ${username}, but there is no password: no login`);
  return undefined;
}

/**
 * `user:password` in UTF-8 and base64, as RFC 7617 has it.
 *
 * @param credentials who asks
 * @returns what stands behind `Basic` in the header
 */
export function basicToken({ username, password }: Credentials): string {
  return new TextEncoder().encode(`${username}:${password}`).toBase64();
}
