import { type EurekaInstance, OUT_OF_SERVICE, UNKNOWN, UP } from "./instance.ts";
import { marked, unmarked } from "./intent.ts";
import { prove, readAllApps } from "./proof.ts";
import { readInstance, readInstances } from "./read.ts";
import { createWay, type MayBeMeant, read, send, type Way } from "./way.ts";
import { NotFoundError, UnreachableError } from "../../errors.ts";
import type { Credentials } from "../../http/credentials.ts";
import type { Endpoint, HttpRequest } from "../../http/endpoint.ts";

/**
 * One Eureka server as this run talks to it. Every request throws `RefusedError` (401, 403) or
 * `UnreachableError` (no answer, or none that a Eureka server gives); a write `NotFoundError` too.
 */
export type EurekaServer = ReturnType<typeof createEurekaServer>;

/** What decides how an instance is put back. */
type Statuses = Pick<EurekaInstance, "id" | "status" | "override" | "dirtyAt">;

/**
 * @param credentials who asks; undefined for nobody
 * @param advice what to change where that is refused
 * @param mayBeMeant by default all are
 */
export function createEurekaServer(
  endpoint: Endpoint,
  credentials: Credentials | undefined,
  advice: string,
  mayBeMeant: MayBeMeant = () => true,
) {
  const way = createWay(endpoint, credentials, advice, mayBeMeant);
  const { connection } = way;
  return {
    root: endpoint.root,
    /** Who asks; undefined for nobody. */
    user: way.user,
    get ownAddress(): string | undefined {
      return connection.ownAddress;
    },
    connect: connection.connect,
    /** The server's own record of one instance, as it is now; undefined where there is none. */
    instance: (app: string, id: string, signal: AbortSignal) =>
      read(way, instancePath(app, id), readInstance, signal),
    /**
     * What callers get: all instances of an app, from a cache that is renewed every 30 s; undefined
     * where the server knows no such app.
     */
    instances: (app: string, signal: AbortSignal) => read(way, appPath(app), readInstances, signal),
    apps: (signal: AbortSignal, compact = false) => readAllApps(way, signal, compact),
    prove: (anew: boolean, signal: AbortSignal) => prove(way, anew, signal),
    /** Writes a status over the app's own, with the mark of `offline`. */
    async keepBack(
      app: string,
      instance: EurekaInstance,
      signal: AbortSignal,
      status = OUT_OF_SERVICE,
    ): Promise<void> {
      const { id } = instance;
      const query = statusQuery(status, marked(instance));
      await write(way, id, { method: "PUT", path: statusPath(app, id), query }, signal);
    },
    release: (app: string, instance: Statuses, signal: AbortSignal) =>
      release(way, app, instance, signal),
    /** Removes an instance; the next heartbeat of a live app registers it anew, UP. */
    async remove(app: string, { id }: EurekaInstance, signal: AbortSignal): Promise<void> {
      await write(way, id, { method: "DELETE", path: instancePath(app, id) }, signal);
    },
  };
}

/** Takes away what was written over the app's own status: one request, or two where nothing was. */
async function release(
  way: Way,
  app: string,
  { id, status, override, dirtyAt }: Statuses,
  signal: AbortSignal,
): Promise<void> {
  const path = statusPath(app, id);
  const up: HttpRequest = { method: "PUT", path, query: { value: UP } };
  // An app that has registered OUT_OF_SERVICE by itself stays so whatever it registers later,
  // and where nothing was written over its status there is nothing to take away.
  if (override === UNKNOWN) await write(way, id, up, signal);
  // Without a value the status is UNKNOWN until the app registers anew. One that the app
  // itself reports (STARTING, DOWN) stays as it is.
  const own = status === OUT_OF_SERVICE || status === override ? UP : status;
  const query = statusQuery(own, unmarked({ dirtyAt }));
  const answered = await write(way, id, { method: "DELETE", path, query }, signal, [405]);
  if (answered !== 405) return;
  // Servers before Netflix eureka 1.1.148 do not know it; what is written last counts there.
  if (own !== UP) {
    throw new UnreachableError(
      `${id} is ${own}, and this Eureka cannot take away what was written over that (405): ` +
        "it can be put back once its app reports UP",
    );
  }
  await write(way, id, up, signal);
}

/**
 * Sends a write.
 *
 * @param known statuses of an answer, besides 200, that the caller knows what to do with
 * @returns the status
 */
async function write(
  way: Way,
  id: string,
  request: HttpRequest,
  signal: AbortSignal,
  known: readonly number[] = [],
): Promise<number> {
  const { status } = await send(way, request, signal, [200, 404, ...known]);
  if (status === 404) throw new NotFoundError(`no instance ${id}`);
  return status;
}

function statusQuery(value: string, dirtyAt: number | undefined): Record<string, string> {
  return { value, ...dirtyAt === undefined ? {} : { lastDirtyTimestamp: String(dirtyAt) } };
}

/** Names stand in capitals in the registry; a doubled slash would be another path, and a 404. */
function appPath(app: string): string {
  return `/apps/${encodeURIComponent(app.toUpperCase())}`;
}

function instancePath(app: string, id: string): string {
  return `${appPath(app)}/${encodeURIComponent(id)}`;
}

function statusPath(app: string, id: string): string {
  return `${instancePath(app, id)}/status`;
}
