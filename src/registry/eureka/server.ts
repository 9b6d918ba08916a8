import { isSprings, refused, unexpected } from "./answers.ts";
import {
  createList,
  type EurekaApp,
  type EurekaInstance,
  type EurekaList,
  OUT_OF_SERVICE,
  readApps,
  readInstance,
  readInstances,
  UNKNOWN,
  UP,
} from "./instance.ts";
import { marked, unmarked } from "./intent.ts";
import { NotFoundError, UnreachableError } from "../../errors.ts";
import { basicToken, type Credentials } from "../../http/credentials.ts";
import { type Endpoint, type HttpAnswer, type HttpRequest, json } from "../../http/endpoint.ts";
import { type Connection, createConnection } from "../connection.ts";
import type { Part } from "../long_list.ts";

/** Reads an answer, and a long list in it; undefined where it is something else. */
type Parse<Data> = (body: unknown, list: EurekaList) => Data | undefined;

/** Whether an instance of a long list has to be told from the others. */
type MayBeMeant = (part: Part, ownAddress: string | undefined) => boolean;

/**
 * One Eureka server as this run talks to it. Every request throws `RefusedError` (401, 403) or
 * `UnreachableError` (no answer, or none that a Eureka server gives).
 */
export interface EurekaServer extends Omit<Connection, "lost"> {
  /** Who asks; undefined for nobody. */
  readonly user?: string | undefined;
  /** The server's own record of one instance, as it is now; undefined where there is none. */
  instance(app: string, id: string, signal: AbortSignal): Promise<EurekaInstance | undefined>;
  /**
   * What callers get: all instances of an app, from a cache that is renewed every 30 s; undefined
   * where the server knows no such app.
   */
  instances(app: string, signal: AbortSignal): Promise<EurekaInstance[] | undefined>;
  /**
   * All apps, from the same cache.
   *
   * @param compact half as long, without what only `instance` needs. Nobody else asks for it, so that
   * the first answer is as new as the registry (2.0.5). Servers of other make give the long one.
   */
  apps(signal: AbortSignal, compact?: boolean): Promise<EurekaApp[]>;
  /**
   * Makes sure that it is a Eureka that says of something that it is not there. A 404 alone says
   * nothing: an ingress with no server behind it answers so, and a wrong path does.
   *
   * @param anew whether only counts what is answered from now on
   */
  prove(anew: boolean, signal: AbortSignal): Promise<void>;
  /**
   * Writes a status over the app's own, with the mark of `offline`.
   *
   * @param status by default OUT_OF_SERVICE
   * @throws {NotFoundError}
   */
  keepBack(
    app: string,
    instance: EurekaInstance,
    signal: AbortSignal,
    status?: string,
  ): Promise<void>;
  /**
   * Takes away what was written over the app's own status: one request, or two where nothing was.
   *
   * @throws {NotFoundError}
   */
  release(
    app: string,
    instance: Pick<EurekaInstance, "id" | "status" | "override" | "dirtyAt">,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Removes an instance; the next heartbeat of a live app registers it anew, UP.
   *
   * @throws {NotFoundError}
   */
  remove(app: string, instance: EurekaInstance, signal: AbortSignal): Promise<void>;
}

/** The way to a server, and what is known about it by now. */
interface Way {
  readonly endpoint: Endpoint;
  readonly connection: Connection;
  readonly user: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly mayBeMeant: MayBeMeant;
  /** Whether the credentials were good for a read. */
  mayRead: boolean;
  /** Whether a Eureka has answered, and nobody else since. */
  isProven: boolean;
  /** Whether its 404s have Spring's body, or none as those of a Eureka without Spring. */
  hasBodies: boolean | undefined;
}

/**
 * @param credentials who asks; undefined for nobody
 * @param mayBeMeant by default all are
 */
export function createEurekaServer(
  endpoint: Endpoint,
  credentials: Credentials | undefined,
  mayBeMeant: MayBeMeant = () => true,
): EurekaServer {
  const connection = createConnection(endpoint);
  const way: Way = {
    endpoint,
    connection,
    user: credentials?.username,
    headers: credentials ? { authorization: `Basic ${basicToken(credentials)}` } : {},
    mayBeMeant,
    mayRead: false,
    isProven: false,
    hasBodies: undefined,
  };
  return {
    root: endpoint.root,
    user: way.user,
    get ownAddress() {
      return connection.ownAddress;
    },
    connect: connection.connect,
    instance: (app, id, signal) => read(way, instancePath(app, id), readInstance, signal),
    instances: (app, signal) => read(way, appPath(app), readInstances, signal),
    apps: (signal, compact = false) => readAllApps(way, signal, compact),
    prove: (anew, signal) => prove(way, anew, signal),
    async keepBack(app, instance, signal, status = OUT_OF_SERVICE) {
      const query = statusQuery(status, marked(instance));
      await write(
        way,
        instance.id,
        { method: "PUT", path: statusPath(app, instance.id), query },
        signal,
      );
    },
    release: (app, instance, signal) => release(way, app, instance, signal),
    async remove(app, { id }, signal) {
      await write(way, id, { method: "DELETE", path: instancePath(app, id) }, signal);
    },
  };
}

async function release(
  way: Way,
  app: string,
  { id, status, override, dirtyAt }: Parameters<EurekaServer["release"]>[1],
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

/** Sends a read; undefined where the answer is that there is no such thing. */
async function read<Data>(
  way: Way,
  path: string,
  parse: Parse<Data>,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Data | undefined> {
  const list = createList((one) => way.mayBeMeant(one, way.connection.ownAddress));
  const answer = await send(way, { method: "GET", path, headers, takeItem: list.takeItem }, signal);
  if (answer.status === 404) return undefined;
  const data = parse(json(answer.body), list);
  if (data === undefined) throw unexpected(answer);
  way.mayRead = way.isProven = true;
  return data;
}

async function readAllApps(
  way: Way,
  signal: AbortSignal,
  compact = false,
): Promise<EurekaApp[]> {
  const headers = compact ? { "x-eureka-accept": "compact" } : {};
  const found = await read(way, "/apps", readApps, signal, headers);
  if (found !== undefined) return found;
  way.isProven = false;
  throw new UnreachableError(
    `${way.endpoint.root}/apps is a 404: is the path in EUREKA_URL right?`,
  );
}

async function prove(way: Way, anew: boolean, signal: AbortSignal): Promise<void> {
  if (way.isProven && !anew) return;
  // Without the body of a large registry, but not every server of other make knows HEAD.
  const known = [200, 404, 405, 501];
  const { status } = await send(way, { method: "HEAD", path: "/apps" }, signal, known);
  if (status !== 200) await readAllApps(way, signal);
  if (way.hasBodies === false) {
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

async function send(
  way: Way,
  request: HttpRequest,
  signal: AbortSignal,
  known = [200, 404],
): Promise<HttpAnswer> {
  try {
    const answer = await way.endpoint.request({
      ...request,
      headers: { ...request.headers, ...way.headers },
    }, signal);
    const { status } = answer;
    if (status === 401 || status === 403) {
      throw refused(answer, way.user, way.mayRead && request.method !== "GET");
    }
    const isForeign = status === 404 && request.method !== "HEAD" && isForeign404(way, answer);
    if (isForeign || !known.includes(status)) throw unexpected(answer, request.path);
    return answer;
  } catch (error) {
    if (error instanceof UnreachableError) {
      way.connection.lost();
      forget(way);
    }
    throw error;
  }
}

/** A page or a text is never a Eureka's; and one server has no two ways to say it. */
function isForeign404(way: Way, answer: HttpAnswer): boolean {
  const hasBody = isSprings(answer);
  const isForeign = !hasBody && answer.body !== "" || way.hasBodies === !hasBody;
  way.hasBodies = hasBody;
  return isForeign;
}

function forget(way: Way): void {
  way.isProven = false;
  way.hasBodies = undefined;
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
