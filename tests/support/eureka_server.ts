/** Real Eureka servers for tests: launched from Maven Central, or somebody's own. */

import { send } from "./eureka_client.ts";
import type { TestInstance } from "./eureka_client.ts";
import type { EurekaUnderTest } from "./eureka_under_test.ts";
import { freePort } from "./free_port.ts";
import { buildJava, type BuiltJava } from "./java_lab.ts";
import type { Credentials } from "./nacos_under_test.ts";
import { randomSecret } from "./nacos_users.ts";
import {
  type Entry,
  launch,
  namedBy,
  notLaunched,
  type RealServer,
  type RealServerSpec,
  retry,
  type ServerProcess,
  unlessOk,
  untilReady,
} from "./server_process.ts";

/** What a server asks of those who use it; `csrf` is `basic auth` that refuses every write. */
type EurekaMode = "open" | "basic auth" | "csrf";

interface RealEurekaOptions {
  readonly mode: EurekaMode;
  /**
   * How often the cache behind the lists is refreshed, milliseconds.
   * @default {30_000} as shipped
   */
  readonly cacheMs?: number;
  /** The address of this machine that it is bound to. @default {"127.0.0.1"} */
  readonly host?: string;
}

/** How two servers that replicate to each other are launched. */
interface RealEurekaPeersOptions {
  /** What they ask for. With `csrf` they could not replicate. @default {"open"} */
  readonly mode?: "open" | "basic auth";
  /**
   * How often the cache behind the lists is refreshed, milliseconds.
   * @default {30_000} as shipped
   */
  readonly cacheMs?: number;
}

export interface RealEureka extends EurekaUnderTest, RealServer {
  readonly real: true;
}

/** One of two servers that replicate to each other. */
interface RealEurekaPeer extends RealEureka {
  /** Ends it as its own shutdown does: it takes itself out of the other's list first. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /**
   * Starts it again after `stop` or `kill`, on the same port; it knows only what the other tells.
   * @returns how long it took until it answered, milliseconds
   */
  start(): Promise<number>;
}

export interface RealEurekaPeers extends AsyncDisposable {
  /** Both, with the host names `localhost` and `127.0.0.1`. */
  readonly peers: readonly [RealEurekaPeer, RealEurekaPeer];
  shutdown(): Promise<void>;
}

export interface RealEurekaSpec extends RealServerSpec<RealEureka> {
  readonly mode: EurekaMode;
  /** How often the cache behind the lists is refreshed, milliseconds. */
  readonly cacheMs: number;
}

/** What a `csrf` server has from its start, since nobody can register there. */
export const SEEDED: TestInstance & { readonly instanceId: string } = {
  app: "SEEDED",
  instanceId: "seeded-1",
  ip: "10.9.9.9",
  port: 8080,
};

/** `eureka.server.response-cache-update-interval-ms` as shipped. */
const CACHE_MS = 30_000;
const MODES = ["open", "basic auth", "csrf"] as const;
const LOOPBACK = "127.0.0.1";
const START_TIMEOUT_MS = 120_000;

/**
 * Launches a Spring Cloud Netflix Eureka 4.3.1 on a free port with a random password, and returns when it answers. The first launch on a machine fetches some 60 MB of jars. Needs a
 * JDK 17 and Maven.
 */
export async function startRealEureka(options: RealEurekaOptions): Promise<RealEureka> {
  const built = await build();
  return await retry(async () => {
    const port = freePort();
    const config: ServerConfig = {
      label: labelOf(options.mode),
      mode: options.mode,
      cacheMs: options.cacheMs ?? CACHE_MS,
      host: options.host ?? LOOPBACK,
      bind: options.host ?? LOOPBACK,
      port,
      credentials: options.mode === "open" ? undefined : newUser(),
      peerUrl: undefined,
    };
    const { process, startMs } = await launchEureka(built, config);
    return {
      ...underTest(config),
      startMs,
      pause: () => process.signal("SIGSTOP"),
      resume: () => process.signal("SIGCONT"),
      // At once: there is nothing that it keeps, and one whose peer has gone takes seconds.
      shutdown: () => process.kill(),
    };
  });
}

/**
 * Launches two servers that replicate to each other, as {@linkcode startRealEureka} does, and
 * returns when both answer.
 */
export async function startRealEurekaPeers(
  options: RealEurekaPeersOptions = {},
): Promise<RealEurekaPeers> {
  const built = await build();
  return await retry(async () => {
    const { mode = "open", cacheMs = CACHE_MS } = options;
    const credentials = mode === "open" ? undefined : newUser();
    // A server takes another one of its own host name for itself.
    const hosts = ["localhost", "127.0.0.1"] as const;
    const first = freePort();
    const ports = [first, freePort()] as const;
    const config = (here: 0 | 1): ServerConfig => {
      const there = here === 0 ? 1 : 0;
      return {
        label: `${labelOf(mode)} peer ${hosts[here]}`,
        mode,
        cacheMs,
        host: hosts[here],
        bind: LOOPBACK,
        port: ports[here],
        credentials,
        peerUrl: withCredentials(`http://${hosts[there]}:${ports[there]}/eureka`, credentials),
      };
    };
    const starts = await Promise.allSettled([
      startPeer(built, config(0)),
      startPeer(built, config(1)),
    ]);
    const [one, other] = starts;
    if (one.status === "fulfilled" && other.status === "fulfilled") {
      const peers = [one.value, other.value] as const;
      const shutdown = async () => {
        await Promise.all(peers.map((peer) => peer.shutdown()));
      };
      return { peers, shutdown, [Symbol.asyncDispose]: shutdown };
    }
    for (const start of starts) if (start.status === "fulfilled") await start.value.shutdown();
    throw one.status === "rejected" ? one.reason : (other as PromiseRejectedResult).reason;
  });
}

/**
 * The servers that the suite runs on: one of each mode. Where `EUREKA_TEST_SERVERS` is set, these
 * instead: a JSON list of `{label, rootUrl, username, password, csrf, cacheMs}`, of which only
 * rootUrl (`http://host:8761/eureka`) has to be there.
 */
export function realEurekaServers(
  options: Pick<RealEurekaOptions, "cacheMs"> = {},
): RealEurekaSpec[] {
  const { cacheMs = CACHE_MS } = options;
  return namedBy("EUREKA_TEST_SERVERS", attachedServer) ?? MODES.map((mode) => ({
    label: labelOf(mode),
    mode,
    cacheMs,
    launched: true,
    start: () => startRealEureka({ mode, cacheMs }),
  }));
}

function labelOf(mode: EurekaMode): string {
  return `real Eureka ${mode}`;
}

function newUser(): Credentials {
  return { username: "eureka", password: randomSecret() };
}

/** The address as Eureka's own clients want it: with the user in it. */
export function withCredentials(rootUrl: string, credentials: Credentials | undefined): string {
  if (!credentials) return rootUrl;
  const url = new URL(rootUrl);
  // A comma ends an address in a list of them.
  url.username = encodeURIComponent(credentials.username);
  url.password = encodeURIComponent(credentials.password);
  return url.href;
}

async function build(): Promise<BuiltJava> {
  return await buildJava({
    name: "eureka-4.3.1",
    pom: new URL("./eureka/pom.xml", import.meta.url),
    sources: ["./eureka/EurekaServer.java", "./Parent.java"].map((p) =>
      new URL(p, import.meta.url)
    ),
  });
}

interface ServerConfig {
  readonly label: string;
  readonly mode: EurekaMode;
  readonly cacheMs: number;
  readonly host: string;
  readonly bind: string;
  readonly port: number;
  readonly credentials: Credentials | undefined;
  /** With credentials; undefined where it stands alone. */
  readonly peerUrl: string | undefined;
}

function underTest(config: ServerConfig): Omit<EurekaUnderTest, "shutdown"> & { real: true } {
  return {
    label: config.label,
    real: true,
    rootUrl: `http://${config.host}:${config.port}/eureka`,
    credentials: config.credentials,
    csrf: config.mode === "csrf",
    cacheMs: config.cacheMs,
  };
}

async function startPeer(built: BuiltJava, config: ServerConfig): Promise<RealEurekaPeer> {
  const first = await launchEureka(built, config);
  let { process } = first;
  return {
    ...underTest(config),
    startMs: first.startMs,
    pause: () => process.signal("SIGSTOP"),
    resume: () => process.signal("SIGCONT"),
    shutdown: () => process.kill(),
    stop: () => process.stop(),
    kill: () => process.kill(),
    start: async () => {
      if (!process.ended()) throw new Error(`${config.label} runs already`);
      const again = await launchEureka(built, config);
      process = again.process;
      return again.startMs;
    },
  };
}

/** A server for a few tests: quick to start and small, never fast. */
const JVM = ["-Xmx160m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"];

async function launchEureka(
  built: BuiltJava,
  config: ServerConfig,
): Promise<{ process: ServerProcess; startMs: number }> {
  const { label, bind, port, credentials } = config;
  const server = { rootUrl: `http://${bind}:${port}/eureka`, credentials };
  const classPath = `${built.classes}:${built.lib}/*`;
  return await launch(
    `${label} on port ${port}`,
    {
      prefix: "eureka-",
      command: "java",
      args: [...JVM, "-Djava.net.preferIPv4Stack=true", "-cp", classPath, "EurekaServer"],
      env: { SPRING_APPLICATION_JSON: JSON.stringify(settings(config)) },
      secrets: credentials ? [credentials.password] : [],
    },
    (process) =>
      untilReady(process, START_TIMEOUT_MS, () => unlessOk(send(server, "GET", "/apps"))),
  );
}

function settings(config: ServerConfig): Record<string, string | number | boolean> {
  const { credentials, host, bind, port, peerUrl } = config;
  return {
    "spring.application.name": "eureka",
    "spring.main.banner-mode": "off",
    // Whole stack traces would push the reason out of the messages.
    "logging.exception-conversion-word": "%ex{1}",
    "server.address": bind,
    "server.port": port,
    "server.tomcat.basedir": "tomcat",
    "test.auth": credentials !== undefined,
    "test.csrf": config.mode === "csrf",
    ...(config.mode === "csrf"
      ? { "test.seed": `${SEEDED.app} ${SEEDED.instanceId} ${SEEDED.ip} ${SEEDED.port}` }
      : {}),
    // With no password given Spring prints a random one.
    "spring.security.user.name": credentials?.username ?? "nobody",
    "spring.security.user.password": credentials?.password ?? randomSecret(),
    "eureka.dashboard.enabled": false,
    "eureka.instance.hostname": host,
    "eureka.server.response-cache-update-interval-ms": config.cacheMs,
    // Its own address where it stands alone: else it replicates to whatever is on localhost:8761.
    "eureka.client.service-url.defaultZone": peerUrl ?? `http://${host}:${port}/eureka`,
    "eureka.client.register-with-eureka": peerUrl !== undefined,
    "eureka.client.fetch-registry": peerUrl !== undefined,
  };
}

function attachedServer({ fields, text, flag, refuse, user }: Entry): RealEurekaSpec {
  const rootUrl = text("rootUrl").replace(/\/+$/, "");
  if (!URL.canParse(rootUrl) || new URL(rootUrl).username !== "") {
    refuse("rootUrl must be a URL without credentials");
  }
  const csrf = flag("csrf", false);
  const cacheMs = fields.cacheMs ?? CACHE_MS;
  if (typeof cacheMs !== "number" || !(cacheMs >= 0)) {
    return refuse("cacheMs must be a number of milliseconds");
  }
  const credentials = user();
  const label = fields.label === undefined ? `${rootUrl} (Eureka)` : text("label");
  const server = { ...notLaunched(label), label, rootUrl, credentials, csrf, cacheMs };
  const mode = csrf ? "csrf" : credentials ? "basic auth" : "open";
  return { label, mode, cacheMs, launched: false, start: () => Promise.resolve(server) };
}
