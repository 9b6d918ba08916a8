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

function spellings(secret: string): string[] {
  if (secret === "") return [];
  const form = new URLSearchParams({ s: secret }).toString().slice(2);
  const bytes = new TextEncoder().encode(secret);
  const base64 = btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [secret, inJson, form, encodeURIComponent(secret), base64];
}
