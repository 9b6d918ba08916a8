import { isKeptBack } from "./instance.ts";
import { findAt, inWords, readIds } from "./ours.ts";
import type { Parts } from "./parts.ts";
import type { EurekaServer } from "./server.ts";
import { orAbsent } from "../pool.ts";
import { BACK, GONE_ALREADY, stillThere } from "../removal.ts";

/** Removes what is kept back. */
export async function remove(parts: Parts, signal: AbortSignal): Promise<string> {
  const question = (server: EurekaServer, s: AbortSignal) => removeAt(server, parts, s);
  const removed = await orAbsent(parts.pool.ask(question, signal, { absence: true }));
  return removed ?? GONE_ALREADY;
}

/** Removes at one server and looks there once more. */
async function removeAt(
  server: EurekaServer,
  parts: Parts,
  signal: AbortSignal,
): Promise<string> {
  const instances = (await findAt(server, parts, signal)).instances.filter(isKeptBack);
  if (instances.length === 0) return BACK;
  for (const one of instances) await orAbsent(server.remove(parts.target.app, one, signal));
  const ids = instances.map(({ id }) => id);
  // What is UP by now has registered anew: the override went with the old registration.
  const left = await readIds(server, ids, parts, signal);
  if (!left.instances.some(isKeptBack)) return `${ids.join(", ")} is removed`;
  throw stillThere(inWords(parts.target));
}
