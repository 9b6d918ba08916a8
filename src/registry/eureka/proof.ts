import { isSprings } from "./answers.ts";
import type { EurekaApp } from "./instance.ts";
import { readApps } from "./read.ts";
import { forget, read, send, type Way } from "./way.ts";
import { UnreachableError } from "../../errors.ts";
import type { HttpRequest } from "../../http/endpoint.ts";

/**
 * All apps, from the cache that callers get. Every Eureka has this list: a 404 says that it is none.
 *
 * @param compact half as long, without what only a record needs. Nobody else asks for it, so that the
 * first answer is as new as the registry (2.0.5). Servers of other make give the long one.
 */
export async function readAllApps(
  way: Way,
  signal: AbortSignal,
  compact: boolean,
): Promise<EurekaApp[]> {
  const headers = compact ? { "x-eureka-accept": "compact" } : {};
  const found = await read(way, "/apps", readApps, signal, headers);
  if (found !== undefined) return found;
  way.isProven = false;
  throw new UnreachableError(
    `${way.endpoint.root}/apps is a 404: is the path in EUREKA_URL right?`,
  );
}

/**
 * Makes sure that it is a Eureka that says of something that it is not there. A 404 alone says
 * nothing: an ingress with no server behind it answers so, and a wrong path does.
 *
 * @param anew whether only counts what is answered from now on
 */
export async function prove(way: Way, anew: boolean, signal: AbortSignal): Promise<void> {
  if (way.isProven && !anew) return;
  // Without the body of a large registry. Not every server of other make knows HEAD, and some gateways
  // forbid it: then the list itself tells.
  const { status } = await send(way, { method: "HEAD", path: "/apps" }, signal);
  if (status !== 200) await readAllApps(way, signal, false);
  if (!way.isProven && way.hasBodies === false) {
    // The 404 of what no Eureka has shows whether that was its own.
    const request: HttpRequest = { method: "GET", path: "/instances/-", headers: way.headers };
    if (isSprings(await way.endpoint.request(request, signal))) {
      forget(way);
      throw new UnreachableError(
        `${way.endpoint.root} answered 404 with no body; not what this Eureka server answers`,
      );
    }
  }
  way.isProven = true;
}
