/** The secrets of a run, and a way to keep them out of what is said. */
export interface Secrets {
  /** Hides a value from now on. */
  add(secret: string): void;
  /**
   * Hides the secrets in a server's text, however they are spelled: a gateway or a debug page may
   * repeat a request. Not for our own words: a password such as `nacos` would blot them out.
   */
  mask(text: string): string;
}

/** What is shown instead of a text that repeats a secret in an unusual spelling. */
const WITHHELD = "(not shown: it repeats a secret)";

/** Makes an empty collection. */
export function createSecrets(): Secrets {
  const hidden = new Set<string>();
  return {
    add: (secret) => void (secret && hidden.add(secret)),
    mask(text) {
      // Not earlier: it takes a millisecond, and nothing optional stands before the first write.
      const longestFirst = [...hidden].flatMap(spellings).sort((a, b) => b.length - a.length);
      const masked = longestFirst.reduce((left, secret) => left.replaceAll(secret, "***"), text);
      // A secret may itself look encoded.
      const secrets = [...hidden].flatMap(layersOf)
        .filter(({ length }) => length >= MIN_SECRET).map(withSpaces);
      const patterns = secrets.map(patternOf);
      const repeats = (reading: string) =>
        barer(reading).some((left) => patterns.some((secret) => secret.test(left)));
      return secrets.length > 0 && readingsOf(masked).some(repeats) ? WITHHELD : masked;
    },
  };
}

/** Shorter values of headers and parameters also occur in other words: `1`, `UP`. */
const MIN_SECRET = 4;

/** So many letters and digits of a secret tell it from other words. */
const MIN_BARE = 6;

/** So much of a secret tells it, too: V8 refuses a pattern of 64 KiB, and names the whole of it. */
const MAX_PATTERN = 64;

/** What a server may have put in: blanks and ends of lines; escapes that nobody decodes here; tags. */
const UNKNOWN = [/\s/g, /(\\x|[%=])[\da-f]{2}|\\u\{\w+}|\\\d{3}|%u\w{4}|&\w+;/gi, /<[^<>]*>/g];

/**
 * The letters and digits, which servers change last, in whatever case. What else the secret has may be
 * something else; where it has nothing else, nothing may be: `nacos 1.2.3` does not repeat `nacos123`.
 */
function patternOf(secret: string): RegExp {
  const start = secret.normalize().slice(0, MAX_PATTERN);
  const words = start.match(/[a-z\d]+/gi) ?? [];
  const isTold = words.join("").length >= MIN_BARE;
  return RegExp(isTold ? words.join("[^a-z\\d]*") : RegExp.escape(start), "i");
}

/** A text, and what is left of it without this and that. */
function barer(reading: string): string[] {
  let text = reading.normalize();
  return [text, ...UNKNOWN.map((one) => text = text.replaceAll(one, ""))];
}

/** Adds a value that may be a secret, of a header for example; a short one is none. */
export function addPossibleSecret(secrets: Secrets, value: string): void {
  if (value.length >= MIN_SECRET) secrets.add(value);
}

/** Adds the parameters of a URL. */
export function addUrlSecrets(secrets: Secrets, { search }: URL): void {
  for (const parameter of search.slice(1).split("&")) {
    const written = parameter.replace(/^[^=]*=/, "");
    // As written, too: whoever puts the URL into another one encodes it once more.
    addPossibleSecret(secrets, written);
    addPossibleSecret(secrets, new URLSearchParams(`=${written}`).get("") ?? "");
  }
}

/** The usual spellings: these are masked, and the rest of the text is shown. */
function spellings(secret: string): string[] {
  const form = new URLSearchParams({ s: secret }).toString().slice(2);
  const bytes = new TextEncoder().encode(secret);
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    inJson,
    ...[form, encodeURIComponent(secret)].flatMap((one) => [
      one,
      one.replaceAll(/%../g, (hex) => hex.toLowerCase()),
    ]),
    bytes.toBase64().replace(/=+$/, ""),
    // UTF-8 that a server has taken for ISO-8859-1 or Windows-1252.
    Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""),
    new TextDecoder("windows-1252").decode(bytes),
  ];
}

/** How often a text may be encoded: JSON in a URL in JSON. */
const MAX_LAYERS = 5;

/** A text, and what it becomes as its escapes, percents and entities are decoded layer by layer. */
function layersOf(text: string): string[] {
  const layers = [text];
  while (layers.length < MAX_LAYERS) {
    const plain = text.replaceAll(ENCODED, decoded);
    if (plain === text) break;
    layers.push(text = plain);
  }
  return layers;
}

/** All that a text may say: each layer, and what its base64 holds. */
function readingsOf(text: string): string[] {
  return layersOf(text).flatMap((layer) => [
    layer,
    // Base64 may begin behind a slash or a word of the text.
    ...(layer.match(/[\w+/-]{6,}/g) ?? []).flatMap((word) =>
      [0, 1, 2, 3].map((start) => fromBase64(word.slice(start)))
    ),
  ]).map(withSpaces);
}

/** A form writes a space as a plus; both count as the same. */
function withSpaces(text: string): string {
  return text.replaceAll("+", " ");
}

function fromBase64(word: string): string {
  const whole = word.slice(0, word.length % 4 === 1 ? -1 : undefined);
  const usual = whole.replaceAll("-", "+").replaceAll("_", "/");
  return new TextDecoder().decode(Uint8Array.fromBase64(usual));
}

const ENCODED =
  /\\u([\da-f]{4})|\\(.)|((?:%[\da-f]{2})+)|&#x0*([\da-f]{1,5});|&#0*(\d{1,6});|&(\w+);/gi;
const SHORT: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function decoded(
  all: string,
  unicode: string | undefined,
  escaped: string | undefined,
  percents: string | undefined,
  hex: string | undefined,
  decimal: string | undefined,
  entity: string | undefined,
): string {
  if (escaped) return SHORT[escaped] ?? escaped;
  if (entity) return ENTITIES[entity] ?? all;
  if (percents) {
    return new TextDecoder().decode(Uint8Array.fromHex(percents.replaceAll("%", "")));
  }
  return String.fromCodePoint(decimal ? Number(decimal) : parseInt(unicode ?? hex ?? "", 16));
}
