/** The moments of a run, told by the requests that the proxy sees. */

import type { ProxyRequest } from "./proxy.ts";

export type RequestKind = "version" | "login" | "record" | "list" | "write" | "other";

/** The moments, as the columns of the table stand. */
export const MOMENTS = {
  first: "from the first request on",
  version: "version",
  login: "login",
  look: "first look",
  write: "write",
  confirm: "confirming look",
  list: "callers' list",
  drain: "while draining",
} as const;

export type Moment = keyof typeof MOMENTS;

interface Course {
  /** When the first write was answered by the server itself, milliseconds since the epoch. */
  readonly writtenAt: number | undefined;
  momentOf(request: ProxyRequest): Moment | undefined;
  answered(request: ProxyRequest, status: number, answer: string): void;
}

/**
 * Follows one run.
 * @param isListed whether the answer to a list still gives the instance to callers
 */
export function followRun(
  kindOf: (request: ProxyRequest) => RequestKind,
  isListed: (answer: string) => boolean,
): Course {
  let writtenAt: number | undefined;
  let confirmed = false;
  let left = false;
  return {
    get writtenAt() {
      return writtenAt;
    },
    momentOf(request) {
      const kind = kindOf(request);
      if (confirmed && left) return "drain";
      if (kind === "version" || kind === "login" || kind === "write") return kind;
      // Eureka's first look may be one at the list.
      if (writtenAt === undefined) return kind === "other" ? undefined : "look";
      if (kind === "record") return "confirm";
      return kind === "list" ? "list" : undefined;
    },
    answered(request, status, answer) {
      const kind = kindOf(request);
      if (status !== 200) return;
      if (kind === "write") writtenAt ??= Date.now();
      if (writtenAt === undefined) return;
      if (kind === "record") confirmed = true;
      if (kind === "list" && !isListed(answer)) left = true;
    },
  };
}

/** Nacos 1.x to 3.x. */
export function nacosKindOf({ method, path }: ProxyRequest): RequestKind {
  if (path.includes("/login")) return "login";
  if (path.includes("/core/state") || path.includes("/console/server/state")) return "version";
  if (method === "PATCH" || method === "PUT") return "write";
  if (/\/v1\/ns\/instance\/list|\/v3\/client\/ns\/instance\/list/.test(path)) return "list";
  if (/\/v1\/ns\/(catalog\/instances|instance)\?|\/v3\/admin\/ns\/instance(\/list)?\?/.test(path)) {
    return "record";
  }
  return "other";
}

export function eurekaKindOf({ method, path }: ProxyRequest): RequestKind {
  if (method !== "GET" && method !== "HEAD") return "write";
  if (/^\/eureka\/apps\/[^/?]+\/[^/?]+/.test(path)) return "record";
  return /^\/eureka\/apps\/[^/?]+/.test(path) ? "list" : "other";
}
