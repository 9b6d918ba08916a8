import type { EurekaInstance } from "./instance.ts";

/** What one run remembers of signs of life. */
export type SignsOfLife = ReturnType<typeof createSignsOfLife>;

/**
 * Tells whether the app lives: a killed one can be read until twice its lease is over (182 s with the
 * usual 90 s), and with self-preservation on it may stay.
 */
export function createSignsOfLife() {
  let wasAbsent = false;
  /** Each peer has a clock of its own, so the times of two are never compared. */
  const first = new Map<string, unknown>();
  return {
    /** Notes that a look has found nothing: what registers after it lives. */
    wasAbsent: () => void (wasAbsent = true),
    /**
     * Whether one of them has registered or sent a heartbeat since the first look at it. Also where
     * the server (one of other make) does not say when that was.
     */
    isAlive(server: string, instances: readonly EurekaInstance[]): boolean {
      if (wasAbsent || instances.some(({ renewedAt }) => renewedAt === undefined)) return true;
      const signs = instances.map(({ id, renewedAt }) => [`${server} ${id}`, renewedAt] as const);
      for (const [of, sign] of signs) if (!first.has(of)) first.set(of, sign);
      return signs.some(([of, sign]) => first.get(of) !== sign);
    },
  };
}
