/** The shapes in which a Eureka server answers, each as measured. */

import type { CacheKey } from "./eureka_cache.ts";
import type { InstanceInfo } from "./eureka_instance.ts";

/** The two forms; JSON only where `Accept` asks for it. */
type Format = "json" | "xml";

export function formatFor(headers: Headers): Format {
  return headers.get("accept")?.includes("json") ? "json" : "xml";
}

export function body(text: string, format: Format): Response {
  return new Response(text, { headers: { "content-type": `application/${format}` } });
}

/** A write that was taken: nothing in it. */
export function done(status: 200 | 204 = 200): Response {
  return new Response(null, { status });
}

/** A registration that was not understood. */
export function refused(why: string): Response {
  return new Response(why, { status: 400, headers: { "content-type": "application/json" } });
}

/** What Spring Security answers, also to right credentials where CSRF protection is on. */
export function unauthorized(): Response {
  const headers = { "www-authenticate": 'Basic realm="Realm"' };
  return new Response(null, { status: 401, headers });
}

/** What Spring makes of an empty answer of Eureka's; real ones speak XML if `Accept` says so. */
export function springError(path: string, status: 400 | 404 | 405 | 500): Response {
  const timestamp = new Date().toISOString().replace("Z", "+00:00");
  return Response.json({ timestamp, status, error: REASONS[status], path }, { status });
}

const REASONS = {
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  500: "Internal Server Error",
} as const;

export function instanceBody(info: InstanceInfo, format: Format): string {
  return format === "json" ? JSON.stringify({ instance: info }) : instanceXml(info);
}

/** A list; undefined for an application that has no instance. */
export function listed(
  { app, format }: CacheKey,
  found: ReadonlyMap<string, readonly InstanceInfo[]>,
): string | undefined {
  const applications = [...found].map(([name, instance]) => ({ name, instance }));
  const counts = hashcode([...found.values()].flat());
  if (app !== undefined) {
    const [application] = applications;
    if (!application) return undefined;
    return format === "json" ? JSON.stringify({ application }) : applicationXml(application);
  }
  if (format === "json") {
    const head = { versions__delta: "1", apps__hashcode: counts };
    return JSON.stringify({ applications: { ...head, application: applications } });
  }
  return element("applications", [
    element("versions__delta", "1"),
    element("apps__hashcode", counts),
    ...applications.map(applicationXml),
  ]);
}

interface Application {
  readonly name: string;
  readonly instance: readonly InstanceInfo[];
}

/** `OUT_OF_SERVICE_1_UP_2_`. */
function hashcode(all: readonly InstanceInfo[]): string {
  const counts = new Map<string, number>();
  for (const { status } of all) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].sort().map(([status, count]) => `${status}_${count}_`).join("");
}

function applicationXml({ name, instance }: Application): string {
  return element("application", [element("name", name), ...instance.map(instanceXml)]);
}

/** The beginning of what real servers say: enough to see that it is no JSON, and what it says. */
function instanceXml(info: InstanceInfo): string {
  return element("instance", [
    ...(info.instanceId ? [element("instanceId", info.instanceId)] : []),
    element("hostName", info.hostName),
    element("app", info.app),
    element("ipAddr", info.ipAddr),
    element("status", info.status),
    // In lower case here, unlike JSON.
    element("overriddenstatus", info.overriddenStatus),
  ]);
}

function element(name: string, content: string | readonly string[]): string {
  const inner = typeof content === "string" ? escaped(content) : `\n${content.join("\n")}\n`;
  return `<${name}>${inner}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
