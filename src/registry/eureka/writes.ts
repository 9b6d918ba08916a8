import { type EurekaInstance, isKeptBack } from "./instance.ts";
import type { EurekaSighting } from "./looks.ts";
import type { Parts } from "./parts.ts";
import type { EurekaServer } from "./server.ts";
import { NotFoundError, UnreachableError } from "../../errors.ts";
import { orAbsent } from "../addresses.ts";
import { settled } from "../settled.ts";

/** Writes to every registration of a sighting that is not as it should be. */
export async function setAll(
  { target: { app }, pool, lists, records }: Parts,
  { instances, only, unread }: EurekaSighting,
  inService: boolean,
  signal: AbortSignal,
): Promise<void> {
  if (!inService) await lists.beforeWrite();
  const left = instances.filter((one) => isKeptBack(one) === inService);
  if (left.length === 0 && !inService && unread !== undefined) throw unread;
  const write = (server: EurekaServer, one: EurekaInstance, s: AbortSignal) =>
    inService ? server.release(app, one, s) : server.keepBack(app, one, s);
  const writeAnywhere = (one: EurekaInstance) =>
    pool.ask(async (server, s, tries) => {
      // By the time of another try a successor may have the id.
      if (tries > 1) await records.mustHave(server, one.id, s);
      await write(server, one, s);
    }, signal);
  await all(left.map((one) => only ? write(only, one, signal) : writeAnywhere(one)));
}

/** Waits for writes; that some of the registrations have gone meanwhile is no failure. */
async function all(writes: readonly Promise<void>[]): Promise<void> {
  const { errors } = await settled(writes);
  const [first] = errors.filter((error) => !(error instanceof NotFoundError));
  if (first !== undefined) throw first;
  if (errors.length > 0 && errors.length === writes.length) throw errors[0];
}

/** Removes what is kept back. */
export async function remove(parts: Parts, signal: AbortSignal): Promise<string> {
  const question = (server: EurekaServer, s: AbortSignal) => removeAt(server, parts, s);
  const removed = await orAbsent(parts.pool.ask(question, signal, { absence: true }));
  return removed ?? "it has been deregistered already";
}

/** Removes at one server and looks there once more. */
async function removeAt(
  server: EurekaServer,
  { target: { app }, records, ours }: Parts,
  signal: AbortSignal,
): Promise<string> {
  const instances = (await ours.at(server, signal)).instances.filter(isKeptBack);
  if (instances.length === 0) return "it is back in service, so it is not removed";
  for (const one of instances) await orAbsent(server.remove(app, one, signal));
  const ids = instances.map(({ id }) => id);
  // What is UP by now has registered anew: the override went with the old registration.
  const left = await records.read(server, ids, signal);
  if (!left.instances.some(isKeptBack)) return `${ids.join(", ")} is removed`;
  throw new UnreachableError(`${records.inWords} is still there after the removal was answered`);
}
