import { sightingAt } from "./looks.ts";
import { ask, type Parts } from "./parts.ts";
import { orAbsent } from "../pool.ts";
import { BACK, GONE_ALREADY, stillThere } from "../removal.ts";

/** Between two looks after the removal; the record follows within 0.7 s (2.2.4, 3.1.0). */
const LOOK_MS = 300;
const MAX_LOOKS = 15;

/**
 * Removes a persistent instance that is out of service: its app leaves it behind when it ends, for
 * ever. An ephemeral one goes with the connection of its app, and no DELETE takes it away before.
 */
export async function remove(parts: Parts, signal: AbortSignal): Promise<string | undefined> {
  const found = await look(parts, signal);
  if (found === undefined) return GONE_ALREADY;
  const { instance, place, label, shared } = found;
  if (instance.ephemeral !== false || shared !== undefined) return undefined;
  if (instance.enabled) return BACK;
  await ask(parts, (api) => api.remove(place, instance), signal);
  // The answer is `ok` whatever was done.
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    await parts.clock.sleep(LOOK_MS, signal);
    if (await look(parts, signal) === undefined) return `${label} is removed`;
  }
  throw stillThere(label);
}

function look(parts: Parts, signal: AbortSignal) {
  const question = parts.pool.ask((one, s) => sightingAt(one, parts, s), signal, { absence: true });
  return orAbsent(question);
}
