/**
 * A stand-in for a Eureka server: in this process, ready at once, with faults on demand.
 *
 * What it answers is what Spring Cloud Netflix 4.3.1 with Netflix eureka 2.0.5 answered;
 * `tests/contract/eureka_wire.ts` passes on that and on this. Left out: self-preservation, dirty
 * timestamps, `/apps/delta`, `/instances`, `/vips`, regions, and most of the XML.
 */

import { onFreePort, onSamePort } from "../support/free_port.ts";
import { registrationBody, type TestInstance } from "../support/eureka_client.ts";
import type { EurekaUnderTest } from "../support/eureka_under_test.ts";
import type { Credentials } from "../support/nacos_under_test.ts";
import { springError, unauthorized } from "./eureka_answers.ts";
import { answer, isRefusedByFirewall, isRefusedByTomcat } from "./eureka_api.ts";
import { type InstanceInfo, readRegistration } from "./eureka_instance.ts";
import { EurekaNode } from "./eureka_node.ts";
import type { ReceivedRequest } from "./nacos.ts";
import { sameRequest } from "./nacos_call.ts";

export interface EmbeddedEurekaOptions {
  /** Whether all requests need basic auth. @default {csrf} */
  readonly auth?: boolean;
  /** Whether every write answers 401, even with the right credentials. @default {false} */
  readonly csrf?: boolean;
  /** What stands before `/apps`. @default {"/eureka"} */
  readonly contextPath?: string;
  /** The address to listen on. @default {"127.0.0.1"} */
  readonly hostname?: string;
  /** The lists are refreshed whenever the clock passes a multiple of it. @default {30_000} */
  readonly cacheMs?: number;
  /** False makes lists show every change at once (`use-read-only-response-cache`). @default {true} */
  readonly readOnlyCache?: boolean;
  /**
   * How long an instance may be silent, in place of what it says of itself. After a heartbeat it is
   * twice as long, as with Netflix. Expired ones go at once: there is no self-preservation, nor a
   * task that runs once a minute.
   */
  readonly leaseMs?: number;
  /** From a write to the moment when the peer has it; 520 to 560 ms were measured. @default {500} */
  readonly replicationMs?: number;
  /**
   * From a restart to the moment when it has the UP instances of its peer; where it is left out,
   * the stand-in cannot be restarted.
   */
  readonly syncMs?: number;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Called before anything else. @returns what to answer instead, undefined to go on */
  readonly intercept?: (
    req: Request,
    n: number,
  ) => Response | undefined | Promise<Response | undefined>;
}

export interface EmbeddedEureka extends EurekaUnderTest {
  /** The port it listens on, also after a restart. */
  readonly port: number;
  /** What was received over HTTP, oldest first; what peers tell each other is not there. */
  readonly requests: ReceivedRequest[];
  instances(): InstanceInfo[];
  /** Registers past the HTTP: needs no trust in its certificate, and is not among the requests. */
  register(instance: TestInstance): void;
  /** Ends as a kill does; the port refuses. */
  stop(): Promise<void>;
  /** Listens on its port again, empty but for what is UP at its peer. */
  restart(): Promise<void>;
}

export async function startEmbeddedEureka(
  options: EmbeddedEurekaOptions = {},
): Promise<EmbeddedEureka> {
  return await serve(nodeOf(options), options, credentialsFor(options));
}

/** Starts two stand-ins that replicate to each other, with the same credentials. */
export async function startEmbeddedEurekaPeers(
  options: EmbeddedEurekaOptions = {},
  second: EmbeddedEurekaOptions = options,
): Promise<[EmbeddedEureka, EmbeddedEureka]> {
  const [a, b] = [nodeOf(options), nodeOf(second)];
  a.peers.push(b);
  b.peers.push(a);
  const credentials = credentialsFor(options);
  return [await serve(a, options, credentials), await serve(b, second, credentials)];
}

function nodeOf(options: EmbeddedEurekaOptions): EurekaNode {
  return new EurekaNode({
    cacheMs: options.cacheMs ?? 30_000,
    readOnlyCache: options.readOnlyCache ?? true,
    leaseMs: options.leaseMs,
    replicationMs: options.replicationMs ?? 500,
  });
}

function credentialsFor(options: EmbeddedEurekaOptions): Credentials | undefined {
  if (!(options.auth ?? options.csrf)) return undefined;
  return { username: "eureka", password: crypto.randomUUID() };
}

async function serve(
  node: EurekaNode,
  options: EmbeddedEurekaOptions,
  credentials: Credentials | undefined,
): Promise<EmbeddedEureka> {
  const { contextPath = "/eureka", hostname = "127.0.0.1", csrf = false, tls } = options;
  const requests: ReceivedRequest[] = [];
  const right = credentials && `Basic ${btoa(`${credentials.username}:${credentials.password}`)}`;

  const respond = (req: Request, body: string): Response => {
    const { method, headers } = req;
    const { pathname: fullPath, searchParams: query } = new URL(req.url);
    if (isRefusedByTomcat(fullPath)) return springError(fullPath, 400);
    if (right && headers.get("authorization") !== right) return unauthorized();
    // An open one is without Spring Security.
    if (right && isRefusedByFirewall(fullPath)) return unauthorized();
    if (csrf && method !== "GET" && method !== "HEAD") return unauthorized();
    if (!fullPath.startsWith(`${contextPath}/`)) return springError(fullPath, 404);
    const path = fullPath.slice(contextPath.length);
    return answer(node, { method, fullPath, path, query, headers, body });
  };

  const handle = async (req: Request): Promise<Response> => {
    const { pathname: path, search } = new URL(req.url);
    const { method, headers } = req;
    const at = Date.now();
    const bytes = new Uint8Array(await req.arrayBuffer());
    const body = new TextDecoder().decode(bytes);
    const n = requests.push({ method, path, search, headers, at, body });
    const instead = await options.intercept?.(sameRequest(req, bytes), n);
    return instead ?? respond(req, body);
  };

  let ending = new AbortController();
  const listen = (port: number): Deno.HttpServer<Deno.NetAddr> => {
    ending = new AbortController();
    const { signal } = ending;
    return Deno.serve({ hostname, port, signal, onListen: () => {}, ...tls }, handle);
  };
  // Others are not to be given its port between stop and restart.
  let server = options.syncMs === undefined ? listen(0) : onFreePort(listen);
  const { port } = server.addr;
  const stop = async (): Promise<void> => {
    node.stop();
    // Not `server.shutdown()`: that waits for handlers, also for one that a fault lets hang.
    ending.abort();
    await server.finished;
  };
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const access = csrf ? " CSRF" : credentials ? " basic auth" : "";
  return await Promise.resolve({
    label: `stand-in Eureka${access}`,
    real: false,
    rootUrl: `${tls ? "https" : "http"}://${host}:${port}${contextPath}`,
    credentials,
    csrf,
    cacheMs: options.cacheMs ?? 30_000,
    port,
    requests,
    instances: () => node.instances(),
    register(instance) {
      const body = JSON.stringify(registrationBody(instance));
      const info = readRegistration(body, instance.app.toUpperCase());
      if (typeof info === "string") throw new Error(`Cannot register ${instance.app}: ${info}`);
      node.register(info);
    },
    stop,
    async restart() {
      if (options.syncMs === undefined) throw new Error("Cannot restart: there is no syncMs");
      node.restart(options.syncMs);
      server = await onSamePort(port, listen);
    },
    shutdown: stop,
  });
}
