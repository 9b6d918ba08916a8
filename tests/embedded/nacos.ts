/**
 * A stand-in for a Nacos server: in this process, ready at once, with faults on demand.
 *
 * What it answers is what real servers answered: 2.2.4 (generation `2.x`) and 3.1.0 (`3.1`) are
 * measured, and `tests/contract/nacos_wire.ts` passes on both and on this; 1.4.8 (`1.4`) is from
 * recorded facts and its source; 3.2 (`3.2`) is as upstream has announced it, not run.
 */

import type { Credentials, NacosGeneration, NacosUnderTest } from "../support/nacos_under_test.ts";
import { Refusal, springError } from "./nacos_answers.ts";
import { type NacosCall, readParams, sameRequest } from "./nacos_call.ts";
import { answerClients } from "./nacos_clients.ts";
import { answerNamespaces, answerState } from "./nacos_console.ts";
import { goneMessage, goneOn31 } from "./nacos_gone.ts";
import { NacosRegistry, type Place, type Registered, type ServiceKey } from "./nacos_registry.ts";
import { NacosUsers } from "./nacos_users.ts";
import { NacosV1 } from "./nacos_v1.ts";
import { NacosV3 } from "./nacos_v3.ts";
import { frontUnparseable, type UnparseableFront } from "./unparseable_answers.ts";

export interface EmbeddedNacosOptions {
  readonly generation: NacosGeneration;
  /** Whether naming requests need a token. @default {false} */
  readonly auth?: boolean;
  /** The password of the users that are made. @default {a random one each} */
  readonly userPassword?: string;
  /** Whether the v3 admin API needs a token; 3.x as shipped: true, with auth false. @default {auth} */
  readonly adminAuth?: boolean;
  /** 3.1 with `nacos.core.api.compatibility.admin.enabled=true`: v1 PUT and PATCH work. @default {false} */
  readonly adminCompatibility?: boolean;
  /** What stands before every path. @default {"/nacos"} */
  readonly contextPath?: string;
  /** The address to listen on. @default {"127.0.0.1"} */
  readonly hostname?: string;
  /** The port to listen on, for whoever starts it by hand; 0 takes a free one. @default {0} */
  readonly port?: number;
  /** From a change to the moment when answers show it. @default {600 on 2.x and 3.x, 0 on 1.4} */
  readonly pushDelayMs?: number;
  /** How long a changed flag outlives a deregistration on 2.x and 3.x. @default {60_000} */
  readonly flagMemoryMs?: number;
  /** Without beats for so long an instance is unhealthy, after twice as long gone. @default {15_000} */
  readonly beatTimeoutMs?: number;
  /** How long a token is good. @default {18000} */
  readonly tokenTtlSeconds?: number;
  /** False imitates the 2.2.4 of Maven Central, which cannot be asked for its version. @default {true} */
  readonly versionEndpoint?: boolean;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** How long one login takes. @default {0} */
  readonly loginDelayMs?: number;
  /** How many logins are worked on at a time. @default {1} */
  readonly loginConcurrency?: number;
  /** Called before anything else. @returns what to answer instead, undefined to go on */
  readonly intercept?: (
    req: Request,
    n: number,
  ) => Response | undefined | Promise<Response | undefined>;
}

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  /** With its `?`, or empty. */
  readonly search: string;
  readonly body: string;
  readonly headers: Headers;
  /** `Date.now()` when it came in. */
  readonly at: number;
}

/** An instance in the registry, for a look from inside. */
interface EmbeddedInstance extends ServiceKey, Registered {
  readonly healthy: boolean;
}

/** Where an instance is registered; what is omitted is the default. */
export interface EmbeddedPlace {
  readonly serviceName: string;
  /** IPv4 or IPv6, compared as it is written. */
  readonly ip: string;
  readonly port: number;
  /** Its namespace. @default {"public"} */
  readonly namespaceId?: string;
  /** Its group. @default {"DEFAULT_GROUP"} */
  readonly groupName?: string;
  /** Its cluster. @default {"DEFAULT"} */
  readonly clusterName?: string;
}

export interface EmbeddedNacos extends NacosUnderTest {
  readonly port: number;
  /** What was received, oldest first. */
  readonly requests: ReceivedRequest[];
  /** All instances as answers show them now, the disabled ones too. */
  instances(): EmbeddedInstance[];
  /** Registers an instance as a 2.x/3.x client does: it needs no beats, and DELETE does nothing. */
  registerGrpc(
    instance: EmbeddedPlace & {
      readonly weight?: number;
      readonly metadata?: Readonly<Record<string, string>>;
    } & Pick<Registered, "clients" | "batch">,
  ): void;
  disconnectGrpc(place: EmbeddedPlace): void;
  change(
    place: EmbeddedPlace,
    changes: { readonly enabled: boolean; readonly weight: number },
  ): void;
  dropTokens(): void;
}

export function startEmbeddedNacos(options: EmbeddedNacosOptions): Promise<EmbeddedNacos> {
  const { generation, auth = false, adminAuth = auth, contextPath = "/nacos", tls } = options;
  const hostname = options.hostname ?? "127.0.0.1";
  const versionEndpoint = options.versionEndpoint ?? true;
  const registry = new NacosRegistry(generation, {
    pushDelayMs: options.pushDelayMs ?? (generation === "1.4" ? 0 : 600),
    flagMemoryMs: options.flagMemoryMs ?? 60_000,
    beatTimeoutMs: options.beatTimeoutMs ?? 15_000,
  });
  let front: UnparseableFront | undefined;
  const users = new NacosUsers({
    generation,
    tokenTtlSeconds: options.tokenTtlSeconds ?? 18_000,
    loginDelayMs: options.loginDelayMs ?? 0,
    loginConcurrency: options.loginConcurrency ?? 1,
    auth,
    unparseable: (extra) => front?.answer(extra) ?? new Response(null, { status: 500 }),
  });
  const admin = users.add({
    username: "nacos",
    admin: true,
    namespaceId: undefined,
    action: "rw",
  });
  const requests: ReceivedRequest[] = [];
  const v1 = new NacosV1(registry, generation);
  const v3 = new NacosV3(registry, generation);

  const answer = async (call: NacosCall): Promise<Response | undefined> => {
    const { method, path } = call;
    const isV3 = generation.startsWith("3");
    if (path === "/v1/auth/users/login" || (path === "/v3/auth/user/login" && isV3)) {
      if (method === "POST") return await users.login(call, path.startsWith("/v1") ? "v1" : "v3");
      return springError(call.fullPath, 405, `Method '${method}' is not supported.`);
    }
    if (generation === "3.1") {
      const gone = goneOn31(method, path);
      const kept = gone?.compatibility === "admin" && options.adminCompatibility;
      // Before any look at the token (3.1.0).
      if (gone && !kept) return springError(call.fullPath, 410, goneMessage(gone));
    }
    const namespaces = new Set(registry.services().map((key) => key.namespaceId));
    const about = { generation, auth, adminAuth, versionEndpoint, namespaces: [...namespaces] };
    if (method === "GET") {
      const state = answerState(path, about);
      if (state) return state;
    }
    // 3.2 as announced: of v1 only the login is left.
    // Without the console there is no such path to guard (2.2.4 of Maven Central).
    if (path.startsWith("/v1/console/") && !versionEndpoint) return undefined;
    const has = path.startsWith("/v1/")
      ? generation !== "3.2"
      : path.startsWith("/v2/ns/client")
      ? generation === "2.x"
      : path.startsWith("/v3/") && isV3;
    if (!has) return undefined;
    const isAdmin = path.startsWith("/v3/admin/");
    const namespaceId = call.params.get("namespaceId") || "public";
    const needsAdmin = path === "/v3/admin/core/namespace/list" ||
      // 2.2.4 asks for the resource nacos/admin; 3.1.0 judges by the namespace that is sent.
      path.startsWith("/v2/ns/client") ||
      path === "/v1/console/namespaces";
    const guarded = isAdmin ? adminAuth : auth;
    if (guarded) {
      const refusal = users.refusal(call, needsAdmin ? undefined : namespaceId);
      if (refusal) return refusal;
    }
    if (method === "GET") {
      const spaces = answerNamespaces(path, about);
      if (spaces) return spaces;
    }
    const aboutClients = answerClients(call, registry, generation);
    if (aboutClients) return aboutClients;
    return path.startsWith("/v1/") ? v1.answer(call) : v3.answer(call, guarded);
  };

  const handle = async (req: Request): Promise<Response> => {
    const url = new URL(req.url);
    const { method, headers } = req;
    const received = { method, path: url.pathname, search: url.search, headers, at: Date.now() };
    const bytes = new Uint8Array(await req.arrayBuffer());
    const n = requests.push({ ...received, body: new TextDecoder().decode(bytes) });
    const instead = await options.intercept?.(sameRequest(req, bytes), n);
    if (instead) return instead;
    const fullPath = url.pathname;
    if (fullPath.startsWith(`${contextPath}/`)) {
      const path = fullPath.slice(contextPath.length);
      const call = {
        method,
        fullPath,
        path,
        params: await readParams(sameRequest(req, bytes)),
        headers,
      };
      try {
        const answered = await answer(call);
        if (answered) return answered;
      } catch (error) {
        if (error instanceof Refusal) return error.response;
        throw error;
      }
    }
    const message = generation.startsWith("3")
      ? `No endpoint ${method} ${fullPath}.`
      : "No message available";
    return springError(fullPath, 404, message);
  };

  const ending = new AbortController();
  const quiet = { onListen: () => {}, signal: ending.signal };
  const port = options.port ?? 0;
  let server: Deno.HttpServer<Deno.NetAddr>;
  if (generation === "2.x") {
    server = Deno.serve({ ...quiet, hostname: "127.0.0.1", port: 0 }, handle);
    const listener = tls
      ? Deno.listenTls({ hostname, port, ...tls })
      : Deno.listen({ hostname, port });
    front = frontUnparseable(listener, server.addr);
  } else {
    server = Deno.serve({ ...quiet, hostname, port, ...tls }, handle);
  }

  const bound = front?.port ?? server.addr.port;
  const addr = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${bound}`;
  let userCount = 0;
  return Promise.resolve({
    label: `stand-in ${generation} auth ${auth ? "on" : adminAuth ? "admin only" : "off"}`,
    generation,
    real: false,
    addr,
    rootUrl: `${tls ? "https" : "http"}://${addr}${contextPath}`,
    auth,
    adminAuth: generation.startsWith("3") && adminAuth,
    admin,
    port: bound,
    requests,
    createUser: (namespaceId, action = "rw"): Promise<Credentials> => {
      const username = `user-${++userCount}`;
      return Promise.resolve(
        users.add({ username, admin: false, namespaceId, action }, options.userPassword),
      );
    },
    instances: () =>
      registry.services().flatMap((key) =>
        (registry.shown(key) ?? []).map((shown) => ({ ...key, ...shown }))
      ),
    registerGrpc(instance) {
      registry.register(keyOf(instance), {
        ...placeOf(instance),
        weight: instance.weight ?? 1,
        enabled: true,
        ephemeral: true,
        metadata: instance.metadata ?? {},
        ...instance.clients ? { clients: instance.clients } : {},
        ...instance.batch ? { batch: true } : {},
        grpc: true,
        viaV1: false,
      });
    },
    disconnectGrpc: (place) => registry.disconnect(keyOf(place), placeOf(place)),
    change(place, changes) {
      const key = keyOf(place);
      const metadata = registry.written(key, placeOf(place))?.metadata ??
        (generation === "1.4" ? metadataAt(registry, key, placeOf(place)) : {});
      registry.write(key, placeOf(place), { ...changes, metadata });
    },
    dropTokens: () => users.dropTokens(),
    async shutdown() {
      front?.close();
      users.close();
      // Not `server.shutdown()`: that waits for handlers, also for one that a fault lets hang.
      ending.abort();
      await server.finished;
    },
  });
}

function keyOf(place: EmbeddedPlace): ServiceKey {
  const { namespaceId = "public", groupName = "DEFAULT_GROUP", serviceName } = place;
  return { namespaceId, groupName, serviceName };
}

function placeOf(place: EmbeddedPlace): Place {
  const { ip, port, clusterName = "DEFAULT" } = place;
  return { ip, port, clusterName };
}

function metadataAt(
  registry: NacosRegistry,
  key: ServiceKey,
  at: Place,
): Readonly<Record<string, string>> {
  const here = ({ ip, port, clusterName }: Place) =>
    ip === at.ip && port === at.port && clusterName === at.clusterName;
  return registry.shown(key)?.find(here)?.metadata ?? {};
}
