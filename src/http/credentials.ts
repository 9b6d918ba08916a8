import type { Log } from "../log.ts";

/** A user and its password. */
export interface Credentials {
  readonly username: string;
  /** Never shown, and never in a URL that is sent. */
  readonly password: string;
}

/** Who logs in, and what to change where nobody does. */
export interface Login {
  /** Undefined without a password: the app may have it from elsewhere, and many servers want none. */
  readonly credentials: Credentials | undefined;
  /** The variables that user and password were read from, in words. */
  readonly variables: string;
  /** What to change where the server wants a login, and there is none. */
  readonly advice: string;
}

/**
 * Puts user and password together.
 *
 * @param prefix of the variables: `NACOS`
 * @param values those of `nacosUsername`, `nacosPassword` and `nacosPasswordFile`
 * @param variable the one that a value was read from
 */
export function loginOf(
  prefix: string,
  values: Readonly<Record<string, unknown>>,
  log: Log,
  variable: (key: string) => string | undefined = () => undefined,
): Login {
  const name = prefix.toLowerCase();
  const [user, inFile, inVariable] = [`${name}Username`, `${name}PasswordFile`, `${name}Password`];
  const username = values[user];
  const password = values[inFile] ?? values[inVariable];
  const userVariable = variable(user) ?? `${prefix}_USERNAME`;
  const passwordVariable = variable(inFile) ?? variable(inVariable) ?? `${prefix}_PASSWORD`;
  const both = `${prefix}_PASSWORD_FILE (or ${prefix}_PASSWORD)`;
  const isUseless = username !== undefined && password === undefined;
  const unknown = `no password of user ${username} is known`;
  if (isUseless) {
    log.warn(
      "no_password",
      `${userVariable} is ${username}, but no password is known: not logging in`,
    );
  }
  return {
    credentials: typeof username === "string" && typeof password === "string"
      ? { username, password }
      : undefined,
    variables: `${userVariable} and ${passwordVariable}`,
    advice: isUseless ? `${unknown}: check ${both}` : `set ${prefix}_USERNAME and ${both}`,
  };
}

/** What stands behind `Basic` in the header: `user:password` in UTF-8 and base64 (RFC 7617). */
export function basicToken({ username, password }: Credentials): string {
  return new TextEncoder().encode(`${username}:${password}`).toBase64();
}
