import { DOWN, type EurekaInstance, isKeptBack, OUT_OF_SERVICE } from "./instance.ts";
import { isUnmarked, markPauseMs } from "./intent.ts";
import type { EurekaSighting } from "./looks.ts";
import { inWords, readIds } from "./ours.ts";
import type { Parts } from "./parts.ts";
import type { EurekaServer } from "./server.ts";
import { NotFoundError } from "../../errors.ts";
import { settled } from "../settled.ts";

/** Writes to every registration of a sighting that is not as it should be. */
export async function setAll(
  parts: Parts,
  { instances, only, unread }: EurekaSighting,
  inService: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { target, pool, lists, clock } = parts;
  if (!inService) await lists.beforeWrite();
  const wrong = instances.filter((one) => isKeptBack(one) === inService);
  if (wrong.length === 0 && !inService) {
    const unmarked = instances.filter(isUnmarked);
    if (unmarked.length === 0 && unread !== undefined) throw unread;
    return await markAnew(parts, unmarked, only, signal);
  }
  const write = async (server: EurekaServer, one: EurekaInstance, s: AbortSignal) => {
    if (inService) return await server.release(target.app, one, s);
    // The first second counts: a mark that would have to wait is written by a later look.
    const isTooEarly = markPauseMs(one, clock.now()) > 0;
    await server.keepBack(target.app, isTooEarly ? { ...one, dirtyAt: 0 } : one, s);
  };
  const writeAnywhere = (one: EurekaInstance) =>
    pool.ask(async (server, s, tries) => {
      // By the time of another try a successor may have the id.
      const isThere = tries === 1 ||
        (await readIds(server, [one.id], parts, s)).instances.length > 0;
      if (!isThere) throw new NotFoundError(`no ${inWords(target)}`);
      await write(server, one, s);
    }, signal);
  await all(wrong.map((one) => only ? write(only, one, signal) : writeAnywhere(one)));
}

/** Marks what is out already, and has no mark: the app has taken it away, or it was too early for one. */
async function markAnew(
  parts: Parts,
  instances: readonly EurekaInstance[],
  only: EurekaServer | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { target: { app }, pool, clock } = parts;
  const pauses = instances.map((one) => markPauseMs(one, clock.now()));
  // Here and not in the question: a peer that is only waited for would be taken for a slow one, and
  // the next one written as well.
  if (pauses.some((ms) => ms > 0)) await clock.sleep(Math.max(...pauses), signal);
  const mark = async (server: EurekaServer, s: AbortSignal) => {
    const ids = instances.map(({ id }) => id);
    // By now somebody may have brought it back, or a successor may have the id.
    const { instances: now } = await readIds(server, ids, parts, s);
    for (const one of now.filter((one) => isKeptBack(one) && isUnmarked(one))) {
      // A server takes no status that it has already; so there is another one in between. It bears no
      // mark: where its answer is lost, the next look sees that the mark is still missing.
      const isThere = one.status === OUT_OF_SERVICE;
      if (isThere) await server.keepBack(app, { ...one, dirtyAt: 0 }, s, DOWN);
      await server.keepBack(app, one, s);
    }
  };
  await (only ? mark(only, signal) : pool.ask(mark, signal));
}

/** Waits for writes; that some of the registrations have gone meanwhile is no failure. */
async function all(writes: readonly Promise<void>[]): Promise<void> {
  const { errors } = await settled(writes);
  const [first] = errors.filter((error) => !(error instanceof NotFoundError));
  if (first !== undefined) throw first;
  if (errors.length > 0 && errors.length === writes.length) throw errors[0];
}
