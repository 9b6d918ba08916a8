import { UP } from "./instance.ts";
import { appInWords, isOurs } from "./ours.ts";
import { addressesSeenFrom, type Parts } from "./parts.ts";
import type { EurekaServer } from "./server.ts";
import { NotFoundError } from "../../errors.ts";
import type { CallersView, CallersViews } from "../registry.ts";

/** What callers are given by every server. */
export async function callersViews(parts: Parts, signal: AbortSignal): Promise<CallersViews> {
  try {
    return await parts.pool.askAll((server, s) => viewAt(server, parts, s), signal);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    // It has registered just now, and the lists are behind.
    const address = parts.pool.order[0]?.root ?? "";
    return { answers: [{ address, listed: false, others: 0 }], failures: [] };
  }
}

async function viewAt(
  server: EurekaServer,
  parts: Parts,
  signal: AbortSignal,
): Promise<CallersView> {
  const { target, lists } = parts;
  const listed = await lists.at(server, signal);
  if (listed === undefined) {
    await server.prove(true, signal);
    throw new NotFoundError(`${server.root} knows no ${appInWords(target)}`);
  }
  const addresses = addressesSeenFrom(server, parts);
  const up = listed.filter((one) => one.status === UP);
  const others = up.filter((one) => !isOurs(one, target, addresses)).length;
  const isListed = lists.mayBeAhead(server) || others < up.length;
  return { address: server.root, listed: isListed, others };
}
