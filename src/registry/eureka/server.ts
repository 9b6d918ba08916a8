/**
 * One Eureka server as this run talks to it.
 *
 * @module
 */

import {
  createList,
  type EurekaApp,
  type EurekaInstance,
  type EurekaList,
  OUT_OF_SERVICE,
  readApps,
  readInstance,
  readInstances,
  UP,
} from "./instance.ts";
import { NotFoundError, RefusedError, UnreachableError } from "../../errors.ts";
import { type Connection, createConnection } from "../connection.ts";
import type { Part } from "../long_list.ts";
import { basicToken, type Credentials } from "../../http/credentials.ts";
import {
  describeAnswer,
  type Endpoint,
  type HttpAnswer,
  type HttpRequest,
  json,
} from "../../http/endpoint.ts";

/**
 * One server. Every request throws `RefusedError` (401, 403) or `UnreachableError` (no answer, or
 * none that a Eureka server gives).
 */
export interface EurekaServer extends Omit<Connection, "lost"> {
  /** Who asks; undefined for nobody. */
  readonly user?: string | undefined;
  /**
   * The server's own record of one instance, as it is now.
   *
   * @returns undefined where there is none
   */
  instance(app: string, id: string, signal: AbortSignal): Promise<EurekaInstance | undefined>;
  /**
   * What callers get: all instances of an app, from a cache that is renewed every 30 s.
   *
   * @returns undefined where the server knows no such app
   */
  instances(app: string, signal: AbortSignal): Promise<EurekaInstance[] | undefined>;
  /** All apps, from the same cache. */
  apps(signal: AbortSignal): Promise<EurekaApp[]>;
  /**
   * Makes sure that it is a Eureka that says of something that it is not there. A 404 alone says
   * nothing: an ingress with no server behind it answers so, and a wrong path does.
   *
   * @param anew whether only counts what is answered from now on
   */
  prove(anew: boolean, signal: AbortSignal): Promise<void>;
  /**
   * Writes OUT_OF_SERVICE over the app's own status.
   *
   * @throws {NotFoundError}
   */
  keepBack(app: string, instance: EurekaInstance, signal: AbortSignal): Promise<void>;
  /**
   * Takes away what was written over the app's own status: one request, or two where nothing was.
   *
   * @throws {NotFoundError}
   */
  release(
    app: string,
    instance: Pick<EurekaInstance, "id" | "status" | "override">,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Removes an instance; the next heartbeat of a live app registers it anew, UP.
   *
   * @throws {NotFoundError}
   */
  remove(app: string, instance: EurekaInstance, signal: AbortSignal): Promise<void>;
}

/**
 * Whether this is a 404 as Spring makes it for a Eureka (4.3.1), and for any app on servlets. Spring
 * Cloud Gateway, which is none, adds a `requestId`.
 */
function isSprings({ body }: HttpAnswer): boolean {
  const { status, requestId } = Object(json(body));
  return status === 404 && requestId === undefined;
}

/**
 * Makes one server.
 *
 * @param endpoint the server
 * @param credentials who asks; undefined for nobody
 * @param mayBeMeant which instances of long lists have to be told from the others, given the own
 * address of the connection; by default all
 */
export function createEurekaServer(
  endpoint: Endpoint,
  credentials: Credentials | undefined,
  mayBeMeant: (part: Part, ownAddress: string | undefined) => boolean = () => true,
): EurekaServer {
  const headers: Record<string, string> = credentials
    ? { authorization: `Basic ${basicToken(credentials)}` }
    : {};
  const connection = createConnection(endpoint);
  /** Whether these credentials were good for a read. */
  let mayRead = false;
  /** Whether a Eureka has answered, and nobody else since. */
  let proven = false;
  /** Whether its 404s have Spring's body, or none as those of a Eureka without Spring. */
  let hasBodies: boolean | undefined;

  /** Names stand in capitals in the registry; a doubled slash would be another path, and a 404. */
  const appPath = (app: string) => `/apps/${encodeURIComponent(app.toUpperCase())}`;
  const instancePath = (app: string, id: string) => `${appPath(app)}/${encodeURIComponent(id)}`;

  async function send(
    request: HttpRequest,
    signal: AbortSignal,
    known = [200, 404],
  ): Promise<HttpAnswer> {
    try {
      const answer = await endpoint.request({ ...request, headers }, signal);
      const { status } = answer;
      if (status === 401 || status === 403) throw refused(answer, request.method !== "GET");
      let isForeign = false;
      if (status === 404 && request.method !== "HEAD") {
        const has = isSprings(answer);
        // A page or a text is never a Eureka's; and one server has no two ways to say it.
        isForeign = !has && answer.body !== "" || hasBodies === !has;
        hasBodies = has;
      }
      if (!known.includes(status) || isForeign) {
        // Tomcat's own answer (10.1) to an encoded slash or backslash, and nothing helps.
        const why = status === 400 && /%2F|%5C/.test(request.path)
          ? "an id with a slash or backslash cannot be addressed"
          : `not what a Eureka server answers to this${
            status === 404 ? "; is the path in EUREKA_URL right?" : ""
          }`;
        throw new UnreachableError(`${describeAnswer(answer)}; ${why}`);
      }
      return answer;
    } catch (error) {
      if (error instanceof UnreachableError) {
        connection.lost();
        proven = false;
        hasBodies = undefined;
      }
      throw error;
    }
  }

  function refused(answer: HttpAnswer, isWrite: boolean): RefusedError {
    const what = describeAnswer(answer);
    if (isWrite && mayRead && credentials) {
      return new RefusedError(
        `${what}; reading is allowed, so this is most likely Spring Security's CSRF protection: ` +
          "switch it off for /eureka/** on the server",
      );
    }
    return new RefusedError(
      credentials
        ? `${what}; check the password of user ${credentials.username} ` +
          "(EUREKA_PASSWORD_FILE, EUREKA_PASSWORD or EUREKA_URL)"
        : `${what}; set EUREKA_USERNAME and EUREKA_PASSWORD_FILE (or EUREKA_PASSWORD), or ` +
          "write user:password@ into EUREKA_URL",
    );
  }

  /** Sends a read; undefined where the answer is that there is no such thing. */
  async function read<Data>(
    path: string,
    parse: (body: unknown, list: EurekaList) => Data | undefined,
    signal: AbortSignal,
  ): Promise<Data | undefined> {
    const list = createList((one) => mayBeMeant(one, connection.ownAddress));
    const answer = await send({ method: "GET", path, takeItem: list.takeItem }, signal);
    if (answer.status === 404) return undefined;
    const data = parse(json(answer.body), list);
    if (data === undefined) {
      throw new UnreachableError(
        `${describeAnswer(answer)}; not what a Eureka server answers to this`,
      );
    }
    mayRead = proven = true;
    return data;
  }

  async function apps(signal: AbortSignal): Promise<EurekaApp[]> {
    const found = await read("/apps", readApps, signal);
    if (found !== undefined) return found;
    proven = false;
    throw new UnreachableError(
      `${endpoint.root}/apps is a 404: is the path in EUREKA_URL right?`,
    );
  }

  async function write(
    request: HttpRequest,
    id: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { status } = await send(request, signal);
    if (status === 404) throw new NotFoundError(`no instance ${id}`);
  }

  return {
    root: endpoint.root,
    user: credentials?.username,
    get ownAddress() {
      return connection.ownAddress;
    },
    connect: connection.connect,
    instance: (app, id, signal) => read(instancePath(app, id), readInstance, signal),
    instances: (app, signal) => read(appPath(app), readInstances, signal),
    apps,
    async prove(anew, signal) {
      if (proven && !anew) return;
      // Without the body of a large registry, but not every server of other make knows HEAD.
      const known = [200, 404, 405, 501];
      const { status } = await send({ method: "HEAD", path: "/apps" }, signal, known);
      if (status !== 200) await apps(signal);
      if (hasBodies === false) {
        // The 404 of what no Eureka has shows whether that was its own.
        const path = "/instances/-";
        const nothing = await endpoint.request({ method: "GET", path, headers }, signal);
        if (isSprings(nothing)) {
          proven = false;
          hasBodies = undefined;
          throw new UnreachableError(
            `${endpoint.root} answered 404 with no body; not what this Eureka server answers`,
          );
        }
      }
      proven = true;
    },
    keepBack: (app, { id }, signal) =>
      write(
        {
          method: "PUT",
          path: `${instancePath(app, id)}/status`,
          query: { value: OUT_OF_SERVICE },
        },
        id,
        signal,
      ),
    async release(app, { id, status, override }, signal) {
      const path = `${instancePath(app, id)}/status`;
      // An app that has registered OUT_OF_SERVICE by itself stays so whatever it registers later,
      // and where nothing was written over its status there is nothing to take away.
      if (override !== OUT_OF_SERVICE) {
        await write({ method: "PUT", path, query: { value: UP } }, id, signal);
      }
      // Without a value the status is UNKNOWN until the app registers anew. One that the app
      // itself reports (STARTING, DOWN) stays as it is.
      const value = status === OUT_OF_SERVICE ? UP : status;
      await write({ method: "DELETE", path, query: { value } }, id, signal);
    },
    remove: (app, { id }, signal) =>
      write({ method: "DELETE", path: instancePath(app, id) }, id, signal),
  };
}
