/** Secrets that no run may print. */

/** Each with its spellings in lower case: percent-encoding is written in either. */
const registered = new Map<string, readonly [spelling: string, pattern: string][]>();
const sources = new Set<() => Iterable<string>>();

/**
 * Makes a random secret with the characters that are easily got wrong on the way: in a URL, in a
 * form, in JSON, in base64.
 */
export function secret(): string {
  const made = `${crypto.randomUUID()} &%+"/?=ü`;
  registerSecret(made);
  return made;
}

/**
 * Makes a value one that no run may print.
 * @param value a password or token; at least 8 characters, so that it is found by no chance
 */
export function registerSecret(value: string): void {
  if (value.length < 8) throw new Error("Cannot register a secret of fewer than 8 characters");
  if (registered.has(value)) return;
  const lower = spellings(value).map(([spelling, pattern]) =>
    [spelling, pattern.toLowerCase()] as [string, string]
  );
  registered.set(value, lower);
}

/** Names a place where secrets are that are only made while a program runs, such as tokens. */
export function registerSecretSource(source: () => Iterable<string>): () => void {
  sources.add(source);
  return () => sources.delete(source);
}

export function checkForSecrets(texts: Readonly<Record<string, string>>): void {
  for (const source of sources) {
    for (const value of source()) registerSecret(value);
  }
  for (const [place, text] of Object.entries(texts)) {
    if (text === "") continue;
    const lower = text.toLowerCase();
    for (const patterns of registered.values()) {
      for (const [spelling, pattern] of patterns) {
        if (!lower.includes(pattern)) continue;
        throw new Error(`The run has printed a secret (${spelling}) on ${place}`);
      }
    }
  }
}

function spellings(value: string): [spelling: string, pattern: string][] {
  const all: [string, string][] = [
    ["plain", value],
    ["JSON", JSON.stringify(value).slice(1, -1)],
    ["URL-encoded with %20", encodeURIComponent(value)],
    ["URL-encoded with +", new URLSearchParams({ value }).toString().slice("value=".length)],
  ];
  const bytes = new TextEncoder().encode(value);
  for (const before of [0, 1, 2]) {
    // Behind other text, as in `user:password`, base64 depends on what precedes it. What is left of
    // the padded form's end is the same with and without padding.
    const base64 = new Uint8Array([...new Uint8Array(before), ...bytes]).toBase64();
    const own = base64.slice(before === 0 ? 0 : 4, base64.length - (base64.endsWith("=") ? 4 : 0));
    all.push([`base64, after ${before} bytes`, own]);
    all.push([`base64url, after ${before} bytes`, own.replaceAll("+", "-").replaceAll("/", "_")]);
  }
  return all;
}
