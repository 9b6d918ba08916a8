/** The kinds of values that settings have. */

import * as z from "zod/mini";

/**
 * A schema from a function. zod's own `regex`, `enum`, `stringbool`, `coerce`, `pipe` and checks in
 * place of those functions make the bundle 9 kB larger (zod 4.6.7).
 *
 * @param expected what the text should be: `a whole number from 1 to 65535`
 * @param parse gives the value, or undefined where the text is not as expected
 */
export function text<Value>(
  expected: string,
  parse: (text: string) => Value | undefined,
): z.ZodMiniType<Value> {
  return z.transform((input: string, context) => {
    const value = parse(input);
    if (value !== undefined) return value;
    context.issues.push({ code: "custom", message: `expected ${expected}`, input });
    return z.NEVER;
  }) as z.ZodMiniType<Value>;
}

/** Any text. */
export const anyText: z.ZodMiniType<string> = z.string();

/** One of a few words. */
export function oneOf<const Word extends string>(...words: Word[]): z.ZodMiniType<Word> {
  return text(words.join(" or "), (input) => words.find((word) => word === input));
}

function wholeNumber(min: number, max: number, expected: string): z.ZodMiniType<number> {
  return text(expected, (input) => {
    const value = Number(input);
    return /^\d{1,6}$/.test(input) && value >= min && value <= max ? value : undefined;
  });
}

/** A TCP port. */
export const port = wholeNumber(1, 65_535, "a port number from 1 to 65535");

/**
 * What stands for no port: Spring's -1 and 0 (any that is free), and the link to a Service that is
 * called `application` or `server`, which the kubelet puts into APPLICATION_PORT.
 */
export const noPort = /^(?:-1|0)$|^(?:tcp|udp|sctp):\/\//;

/** A time in whole seconds, at most a day. */
export const seconds = secondsFrom(0);

/** The same for what takes some time in any case. */
export const secondsFromOne = secondsFrom(1);

function secondsFrom(min: number): z.ZodMiniType<number> {
  const expected = `a whole number of seconds from ${min} to 86400, without a unit`;
  return wholeNumber(min, 86_400, expected);
}

/** Yes or no, as people write it in environment variables. */
export const yesOrNo: z.ZodMiniType<boolean> = text("true or false", (input) => {
  if (/^(true|1|yes|y|on)$/i.test(input)) return true;
  return /^(false|0|no|n|off)$/i.test(input) ? false : undefined;
});

/**
 * Addresses or a name that a registry can list, as `status.podIPs` and `hostname -i` give them; the
 * value has commas between them, and no brackets. Catches `$(POD_IP)` that nothing has filled in.
 */
export const address: z.ZodMiniType<string> = text(
  "an IP address or a host name, without port and scheme",
  (input) => {
    const parts = input.split(/\s*,\s*|\s+/)
      .map((part) => part.replace(/^\[([\da-fA-F:.]+(?:%[\w.-]+)?)\]$/, "$1"));
    // Of several none is a name: that would be a text with a blank in it.
    const form = parts.length > 1 ? /^(\d+(\.\d+){3}|[\da-fA-F]*:[\w.:%-]+)$/ : /^[\w.:%-]+$/;
    const isGood = parts.every((part) => form.test(part));
    return isGood ? [...new Set(parts)].join(",") : undefined;
  },
);

/** Servers take no longer one in a header. */
const MAX_PASSWORD = 4_096;

/** A password as a variable or file has it, without line breaks at its end and a byte order mark. */
export const password = text(
  `a password of at most ${MAX_PASSWORD} characters, the file is empty or longer`,
  (input) => {
    const value = input.replaceAll(/^\ufeff|[\r\n]+$/g, "");
    return value.length > 0 && value.length <= MAX_PASSWORD ? value : undefined;
  },
);

/**
 * The setting of a file with a secret, beside that of the secret.
 *
 * @param env the variable of the secret
 */
export function secretFile(env: string, what = "password") {
  return {
    env: `${env}_FILE`,
    help: `File with the ${what}. It wins over ${env}.`,
    schema: password,
    file: true,
    lenient: true,
  } as const;
}

/**
 * A text in PEM form. Deno 2.9.6 passes over in silence what does not begin its line: it is indented,
 * as by a template in a ConfigMap, or behind the byte order mark of a Windows editor.
 */
function pem(form: RegExp, expected: string): z.ZodMiniType<string> {
  return text(
    expected,
    (input) => form.test(input) ? input.replaceAll(/^[ \t\ufeff]+/gm, "") : undefined,
  );
}

/**
 * Certificates in PEM form. `Deno.createHttpClient` refuses a broken one, but takes a text without
 * any in silence and then trusts nothing new (Deno 2.9.6).
 */
export const certificates = pem(
  /-----BEGIN CERTIFICATE-----/,
  "certificates in PEM form (-----BEGIN CERTIFICATE-----)",
);

/** A private key in PEM form. Deno 2.9.6 takes none with a passphrase, in the old form or the new. */
export const privateKey = pem(
  /^(?![^]*ENCRYPTED)[^]*-----BEGIN (RSA |EC )?PRIVATE KEY-----/,
  "a private key in PEM form (-----BEGIN PRIVATE KEY-----) without a passphrase",
);
