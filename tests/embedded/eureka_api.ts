/** The REST API of a node. */

import { body, done, formatFor, instanceBody, refused, springError } from "./eureka_answers.ts";
import { readRegistration, statusNamed } from "./eureka_instance.ts";
import type { EurekaNode } from "./eureka_node.ts";

interface EurekaCall {
  readonly method: string;
  readonly fullPath: string;
  /** Without the context path, still encoded: `/apps/ORDERS`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: string;
}

/** Tomcat refuses an encoded slash or backslash (400), so an id with one cannot be addressed. */
export function isRefusedByTomcat(path: string): boolean {
  return /%2f|%5c/i.test(path);
}

/**
 * What the firewall of Spring Security refuses. Where a user is wanted its 400 has lost who asked,
 * and turns into a 401, for right credentials too.
 */
export function isRefusedByFirewall(path: string): boolean {
  return /\/\/|;|%3b|%25/i.test(path);
}

export function answer(node: EurekaNode, call: EurekaCall): Response {
  const segments = call.path.replace(/\/$/, "").split("/").slice(1).map(decodeURIComponent);
  const [root, name, id, last, ...more] = segments;
  // An empty segment is a name like any other, which nothing has.
  if (root !== "apps" || more.length > 0 || (last !== undefined && last !== "status")) {
    return springError(call.fullPath, 404);
  }
  if (name === undefined) return list(node, call, undefined);
  const app = name.toUpperCase();
  if (id === undefined) return application(node, call, app);
  return last === undefined ? instance(node, call, app, id) : status(node, call, app, id);
}

/** HEAD is GET without the body, at a list and at an instance. */
function isRead({ method }: EurekaCall): boolean {
  return method === "GET" || method === "HEAD";
}

function application(node: EurekaNode, call: EurekaCall, app: string): Response {
  if (call.method !== "POST") return list(node, call, app);
  const info = readRegistration(call.body, app);
  if (typeof info === "string") return refused(info);
  node.register(info);
  return done(204);
}

function list(node: EurekaNode, call: EurekaCall, app: string | undefined): Response {
  if (!isRead(call)) return springError(call.fullPath, 405);
  const format = formatFor(call.headers);
  const compact = call.headers.get("x-eureka-accept") === "compact";
  const found = node.list({ app, format, compact });
  return found === undefined ? springError(call.fullPath, 404) : body(found, format);
}

function instance(node: EurekaNode, call: EurekaCall, app: string, id: string): Response {
  const { method, fullPath, headers } = call;
  if (isRead(call)) {
    const info = node.find(app, id);
    const format = formatFor(headers);
    return info ? body(instanceBody(info, format), format) : springError(fullPath, 404);
  }
  if (method === "PUT") return node.renew(app, id) ? done() : springError(fullPath, 404);
  if (method === "DELETE") return node.cancel(app, id) ? done() : springError(fullPath, 404);
  return springError(fullPath, 405);
}

function status(node: EurekaNode, call: EurekaCall, app: string, id: string): Response {
  const { method, fullPath, query } = call;
  if (method !== "PUT" && method !== "DELETE") return springError(fullPath, 405);
  if (!node.find(app, id)) return springError(fullPath, 404);
  const given = query.get("value");
  const value = statusNamed(method === "DELETE" ? given ?? "UNKNOWN" : given);
  if (!value) return springError(fullPath, 500);
  const dirtyAt = Number(query.get("lastDirtyTimestamp"));
  if (method === "PUT") node.override(app, id, value, dirtyAt);
  else node.clearOverride(app, id, value, dirtyAt);
  return done();
}
