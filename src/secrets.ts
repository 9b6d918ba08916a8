/** The secrets of a run, and a way to keep them out of what is said. */
export interface Secrets {
  /** A value that must not be shown from now on. */
  add(secret: string): void;
  /**
   * A server's text without the secrets in it, in any usual spelling: a gateway or a debug page may
   * send a request back. Our own words need no such care, and a password such as `nacos` would blot
   * them out.
   */
  mask(text: string): string;
}

/** Makes an empty collection. */
export function createSecrets(): Secrets {
  const hidden = new Set<string>();
  return {
    add: (secret) => void hidden.add(secret),
    mask(text) {
      // Spelled out only when something is shown: that takes a millisecond, and nothing optional
      // stands before the first write.
      const longestFirst = [...hidden].flatMap(spellings).sort((a, b) => b.length - a.length);
      return longestFirst.reduce((masked, secret) => masked.replaceAll(secret, "***"), text);
    },
  };
}

/** Shorter values of headers and parameters stand in other words too: `1`, `UP`. */
const LEAST_SECRET = 4;

/**
 * Adds what may be a secret, unless it is so short that it is none.
 *
 * @param secrets of the run
 * @param value of a header, for example
 */
export function addPossibleSecret(secrets: Secrets, value: string): void {
  if (value.length >= LEAST_SECRET) secrets.add(value);
}

/**
 * Adds the parameters of a URL.
 *
 * @param secrets of the run
 * @param url that is called
 */
export function addUrlSecrets(secrets: Secrets, { search }: URL): void {
  for (const parameter of search.slice(1).split("&")) {
    const written = parameter.replace(/^[^=]*=/, "");
    // As it is written, too: whoever repeats the URL in another one encodes it once more.
    addPossibleSecret(secrets, written);
    addPossibleSecret(secrets, new URLSearchParams(`=${written}`).get("") ?? "");
  }
}

function spellings(secret: string): string[] {
  if (secret === "") return [];
  const form = new URLSearchParams({ s: secret }).toString().slice(2);
  const bytes = new TextEncoder().encode(secret);
  const base64 = btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [secret, inJson, form, encodeURIComponent(secret), base64];
}
