/**
 * A Eureka server of a few lines, for tests of what talks to one: it answers at once, never tidies
 * up, and a test can change what it has and what it says. The stand-in that behaves as a real one
 * does is in `tests/embedded`.
 */

/** One registration; as the tests want it unless they say otherwise. */
interface Entry {
  /** The app, in capitals. @default {"ORDERS"} */
  app: string;
  /** Its id. @default {"pod-1"} */
  id: string;
  /** Its address. @default {"10.0.0.7"} */
  ip: string;
  /** Its plain port. @default {8080} */
  port: number;
  /** What callers go by. @default {"UP"} */
  status: string;
  /** What was written over the app's own status. @default {"UNKNOWN"} */
  override: string;
  /** When its last heartbeat came, where the server says so. */
  renewedAt?: number;
  /** When its app has last changed it, where the server says so. */
  dirtyAt?: number;
}

export interface SmallEureka extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  /** What came in, oldest first: `GET /eureka/apps/ORDERS`, as it was sent. */
  readonly requests: string[];
  /** The Authorization headers that came in, each once; null for none. */
  readonly authorizations: Set<string | null>;
  entries: Entry[];
  /** What the lists show; undefined: the record. */
  listed: Entry[] | undefined;
  /** Answers in its place; undefined lets the server answer. */
  answer: (request: string) => Response | undefined;
  writes(): string[];
}

export function entry(changes: Partial<Entry> = {}): Entry {
  return {
    app: "ORDERS",
    id: "pod-1",
    ip: "10.0.0.7",
    port: 8080,
    status: "UP",
    override: "UNKNOWN",
    ...changes,
  };
}

/** Starts a server with the context path `/eureka`. */
export function startSmallEureka(...changes: readonly Partial<Entry>[]): SmallEureka {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { pathname, search, searchParams } = new URL(request.url);
      const line = `${request.method} ${pathname}${search}`;
      small.requests.push(line);
      small.authorizations.add(request.headers.get("authorization"));
      return small.answer(line) ?? respond(small, request.method, pathname, searchParams);
    },
  );
  const small: SmallEureka = {
    origin: `http://127.0.0.1:${server.addr.port}`,
    requests: [],
    authorizations: new Set(),
    entries: changes.map(entry),
    listed: undefined,
    answer: () => undefined,
    writes: () => small.requests.filter((line) => !/^(GET|HEAD) /.test(line)),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return small;
}

function respond(
  small: SmallEureka,
  method: string,
  path: string,
  query: URLSearchParams,
): Response {
  const gone = () => Response.json({ status: 404, error: "Not Found" }, { status: 404 });
  const [, rest] = /^\/eureka\/apps(?:\/(.*))?$/.exec(path) ?? [undefined, "?"];
  const [app, id, status] = (rest ?? "").split("/").map(decodeURIComponent);
  const list = small.listed ?? small.entries;
  if (!app) return Response.json({ applications: { application: appsOf(list) } });
  if (id === undefined) {
    const [found] = appsOf(list.filter((one) => one.app === app));
    return found ? Response.json({ application: found }) : gone();
  }
  const found = small.entries.find((one) => one.app === app && one.id === id);
  if (found === undefined) return gone();
  if (method === "GET") return Response.json({ instance: inJson(found) });
  const value = query.get("value") ?? "UNKNOWN";
  if (status === undefined) small.entries = small.entries.filter((one) => one !== found);
  else Object.assign(found, { status: value, override: method === "PUT" ? value : "UNKNOWN" });
  return new Response();
}

function appsOf(entries: readonly Entry[]): { name: string; instance: unknown[] }[] {
  return [...new Set(entries.map((one) => one.app))].map((name) => {
    return { name, instance: entries.filter((one) => one.app === name).map(inJson) };
  });
}

export function inJson(one: Entry): Record<string, unknown> {
  const { app, id, ip, port, status, override, renewedAt, dirtyAt } = one;
  return {
    instanceId: id,
    hostName: `host-of-${id}`,
    app,
    ipAddr: ip,
    status,
    overriddenStatus: override,
    port: { "$": port, "@enabled": "true" },
    securePort: { "$": 443, "@enabled": "false" },
    metadata: { zone: "a" },
    ...(dirtyAt === undefined ? {} : { lastDirtyTimestamp: String(dirtyAt) }),
    ...(renewedAt === undefined ? {} : { leaseInfo: { lastRenewalTimestamp: renewedAt } }),
  };
}
