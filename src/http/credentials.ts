import type { Log } from "../log.ts";

/** A user and its password. */
export interface Credentials {
  readonly username: string;
  /** Never shown, and never in a URL that is sent. */
  readonly password: string;
}

/**
 * Puts user and password together. Without a password nobody logs in: the app may have it from
 * elsewhere, and many servers want no login.
 *
 * @param setting the name of the user's setting, for the log
 */
export function credentialsOf(
  setting: string,
  username: string | undefined,
  password: string | undefined,
  log: Log,
): Credentials | undefined {
  if (username === undefined) return undefined;
  if (password !== undefined) return { username, password };
  log.warn("no_password", `${setting} is ${username}, but no password is known: not logging in`);
  return undefined;
}

/** What stands behind `Basic` in the header: `user:password` in UTF-8 and base64 (RFC 7617). */
export function basicToken({ username, password }: Credentials): string {
  return new TextEncoder().encode(`${username}:${password}`).toBase64();
}
