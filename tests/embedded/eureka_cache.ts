/**
 * The cache between the registry and the lists that callers get, as Netflix's ResponseCacheImpl.
 */

/** Which list, in which form: each has its own place in the cache, and its own age. */
export interface CacheKey {
  /** The application in upper case, so in any case of the request; undefined for all of them. */
  readonly app: string | undefined;
  readonly format: "json" | "xml";
  /** `X-Eureka-Accept: compact` is a place of its own. */
  readonly compact: boolean;
}

interface ResponseCacheOptions {
  /**
   * The read-only level is refreshed whenever the clock passes a multiple of it, milliseconds. So it
   * is on a real server after its start; later it lags, by half a millisecond each time.
   */
  readonly cacheMs: number;
  /** False leaves only the level that every change empties (`use-read-only-response-cache`). */
  readonly readOnly: boolean;
  /** Makes the answer; undefined for a 404, which is cached like any other. */
  readonly generate: (key: CacheKey) => string | undefined;
}

interface Entry {
  readonly key: CacheKey;
  readonly answer: string | undefined;
}

/** Two levels: the first emptied by changes, the second, which is read, filled from it by the clock. */
export class ResponseCache {
  readonly #options: ResponseCacheOptions;
  readonly #readWrite = new Map<string, Entry>();
  readonly #readOnly = new Map<string, Entry>();
  #tick: number;

  /** An empty cache. */
  constructor(options: ResponseCacheOptions) {
    this.#options = options;
    this.#tick = this.#now();
  }

  clear(): void {
    this.#readWrite.clear();
    this.#readOnly.clear();
  }

  /** The answer for a list; fresh only if nobody has asked in that form before. */
  get(key: CacheKey): string | undefined {
    this.refresh();
    if (!this.#options.readOnly) return this.#load(key).answer;
    const place = JSON.stringify(key);
    const known = this.#readOnly.get(place) ?? this.#load(key);
    this.#readOnly.set(place, known);
    return known.answer;
  }

  invalidate(app: string): void {
    for (const [place, { key }] of this.#readWrite) {
      if (key.app === app || key.app === undefined) this.#readWrite.delete(place);
    }
  }

  /**
   * What the timer of a real server does. Called before every look and every change instead:
   * between them nothing can change, so it makes no difference, and no timer is left behind.
   */
  refresh(): void {
    const tick = this.#now();
    if (tick === this.#tick) return;
    this.#tick = tick;
    for (const [place, { key }] of this.#readOnly) this.#readOnly.set(place, this.#load(key));
  }

  #load(key: CacheKey): Entry {
    const place = JSON.stringify(key);
    const entry = this.#readWrite.get(place) ?? { key, answer: this.#options.generate(key) };
    this.#readWrite.set(place, entry);
    return entry;
  }

  #now(): number {
    return Math.floor(Date.now() / this.#options.cacheMs);
  }
}
