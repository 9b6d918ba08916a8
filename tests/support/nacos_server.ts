/** Real Nacos servers for tests: launched from Maven Central, or somebody's own. */

import { freePort } from "./free_port.ts";
import { buildJava, type BuiltJava } from "./java_lab.ts";
import { send } from "./nacos_client.ts";
import type { Credentials, NacosGeneration, NacosUnderTest } from "./nacos_under_test.ts";
import { createAdmin, createUser, randomSecret } from "./nacos_users.ts";
import { type ServerProcess, startServer } from "./server_process.ts";

export type NacosVersion = "2.2.4" | "3.1.0";

export interface RealNacosOptions {
  readonly version: NacosVersion;
  readonly auth: boolean;
  /** Whether the 3.x admin API needs one; 2.2.4 has no such API. @default {true} as shipped */
  readonly adminAuth?: boolean;
  /** The address of this machine that its HTTP ports are bound to. @default {"127.0.0.1"} */
  readonly host?: string;
}

export interface RealNacos extends NacosUnderTest {
  readonly real: true;
  /** How long the launch took until the administrator could log in; 0 for one we did not launch. */
  readonly startMs: number;
  /** Its process id; 0 for one we did not launch. */
  readonly pid: number;
  /** Stops the process without ending it: connections are accepted, nothing is answered. */
  pause(): void;
  resume(): void;
}

/** A server that the suite runs on, before it is started. */
export interface RealNacosSpec {
  readonly label: string;
  readonly generation: NacosGeneration;
  readonly auth: boolean;
  /** Whether the 3.x admin API needs a token. */
  readonly adminAuth: boolean;
  /** Whether `start` launches it, so that it may be paused, filled and ended at will. */
  readonly launched: boolean;
  start(): Promise<RealNacos>;
}

const FURTHER_PORTS = [-1000, 1000, 1001, 2000];
const LOOPBACK = "127.0.0.1";
const TRIES = 3;
const START_TIMEOUT_MS = 180_000;

/**
 * Launches a real Nacos with random passwords and a data folder of its own, and
 * returns when it is ready and its administrator can log in. The first launch on a machine fetches
 * some 115 MB (2.2.4) or 190 MB (3.1.0) of jars. Needs a JDK 17 and Maven.
 *
 * The HTTP ports are bound to 127.0.0.1 or `host`; the gRPC ports (P+1000, P+1001) to every address, which
 * Nacos cannot be told otherwise.
 */
export async function startRealNacos(options: RealNacosOptions): Promise<RealNacos> {
  const built = await buildJava(PROGRAMS[options.version]);
  // Under heavy load a start may die, of "load derby-schema.sql error" among others, and between
  // our look at a port and the server's own bind somebody else may take it.
  for (let tried = 1;; tried++) {
    try {
      return await launch(options, built);
    } catch (error) {
      if (tried === TRIES) throw error;
    }
  }
}

/**
 * The servers that the suite runs on: 2.2.4 and 3.1.0, with auth on and off. Where
 * `NACOS_TEST_SERVERS` is set, these instead: a JSON list of `{label, generation, addr, auth,
 * adminAuth, username, password}`, whose user is a global administrator.
 */
export function realNacosServers(): RealNacosSpec[] {
  const own = Deno.env.get("NACOS_TEST_SERVERS");
  if (own) return attachedServers(own);
  return (["2.2.4", "3.1.0"] as const).flatMap((version) =>
    [true, false].map((auth) => {
      const adminAuth = version === "3.1.0";
      return {
        label: labelOf(version, auth),
        generation: GENERATIONS[version],
        auth,
        adminAuth,
        launched: true,
        start: () => startRealNacos({ version, auth, adminAuth }),
      };
    })
  );
}

const GENERATIONS = { "2.2.4": "2.x", "3.1.0": "3.1" } as const;

const PROGRAMS = {
  "2.2.4": {
    name: "nacos-2.2.4",
    pom: new URL("./nacos2/pom.xml", import.meta.url),
    source: new URL("./nacos2/Boot2.java", import.meta.url),
  },
  "3.1.0": {
    name: "nacos-3.1.0",
    pom: new URL("./nacos3/pom.xml", import.meta.url),
    source: new URL("./nacos3/Boot3.java", import.meta.url),
  },
} as const;

function labelOf(version: NacosVersion, auth: boolean): string {
  return `real ${version} auth ${auth ? "on" : "off"}`;
}

async function launch(options: RealNacosOptions, built: BuiltJava): Promise<RealNacos> {
  const { version, auth, host: address = LOOPBACK } = options;
  const began = performance.now();
  const adminAuth = version === "3.1.0" && (options.adminAuth ?? true);
  const generation = GENERATIONS[version];
  const port = freePort(FURTHER_PORTS);
  const server = await spawn({ version, auth, adminAuth, built, port, address });

  try {
    const addr = `${address}:${port}`;
    const rootUrl = `http://${addr}/nacos`;
    await waitUntilReady(version, rootUrl, server);
    const admin = await createAdmin({ rootUrl, generation, auth });
    const host = { rootUrl, generation, auth, adminAuth, admin };
    return {
      ...host,
      label: labelOf(version, auth),
      real: true,
      addr,
      startMs: Math.round(performance.now() - began),
      createUser: (namespaceId, action) => createUser(host, namespaceId, action),
      pid: server.pid,
      pause: () => server.signal("SIGSTOP"),
      resume: () => server.signal("SIGCONT"),
      shutdown: () => server.stop(),
    };
  } catch (error) {
    const output = await server.tail();
    await server.stop();
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Cannot start ${labelOf(version, auth)} on port ${port}: ${why}\n` +
        `The end of its output:\n${output}`,
      { cause: error },
    );
  }
}

interface SpawnOptions {
  readonly version: NacosVersion;
  readonly auth: boolean;
  readonly adminAuth: boolean;
  readonly built: BuiltJava;
  readonly port: number;
  readonly address: string;
}

async function spawn(options: SpawnOptions): Promise<ServerProcess> {
  const { built } = options;
  const tokenKey = btoa(randomSecret() + randomSecret());
  const identity = randomSecret();
  const jars = [...Deno.readDirSync(built.lib)].map((entry) => entry.name).sort();
  // jraft must see this hessian first, not the one that other jars of 2.2.4 bring along.
  const hessian = jars.filter((name) => name.startsWith("hessian-4"));
  const classPath = [built.classes, ...[...hessian, "*"].map((name) => `${built.lib}/${name}`)];
  const main = options.version === "2.2.4" ? "Boot2" : "Boot3";
  const flags = [...commonFlags(options), ...ownFlags(options)].map(([k, v]) => `-D${k}=${v}`);
  return await startServer({
    prefix: "nacos-",
    command: "java",
    args: [...JVM, ...flags, "-cp", classPath.join(":"), main],
    env: {
      // In the environment, since anybody may list command lines; Spring reads both alike.
      NACOS_CORE_AUTH_PLUGIN_NACOS_TOKEN_SECRET_KEY: tokenKey,
      NACOS_CORE_AUTH_SERVER_IDENTITY_KEY: "service-offline-tests",
      NACOS_CORE_AUTH_SERVER_IDENTITY_VALUE: identity,
    },
    secrets: [tokenKey, identity],
  });
}

/** A server for a few tests: quick to start and small, never fast. */
const JVM = ["-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

function commonFlags({ auth, address }: SpawnOptions): [string, string | number | boolean][] {
  return [
    ["java.net.preferIPv4Stack", true],
    // The folder that it is started in.
    ["java.io.tmpdir", "."],
    ["user.home", "."],
    ["nacos.home", "."],
    ["nacos.standalone", true],
    ["nacos.server.ip", address],
    ["nacos.core.auth.system.type", "nacos"],
    ["nacos.core.auth.enabled", auth],
    // A new user's permission is then seen at once, not after up to 15 s.
    ["nacos.core.auth.caching.enabled", false],
    ["nacos.core.auth.plugin.nacos.token.expire.seconds", 18_000],
    ["server.address", address],
    ["server.error.include-message", "ALWAYS"],
    ["server.tomcat.basedir", "tomcat"],
  ];
}

function ownFlags(
  { version, port, auth, adminAuth, address }: SpawnOptions,
): [string, string | number | boolean][] {
  if (version === "2.2.4") {
    return [
      ["server.port", port],
      ["server.servlet.contextPath", "/nacos"],
      ["management.metrics.export.elastic.enabled", false],
      ["management.metrics.export.influx.enabled", false],
    ];
  }
  return [
    ["nacos.deployment.type", "merged"],
    ["nacos.inetutils.ip-address", address],
    ["nacos.server.main.port", port],
    ["nacos.server.contextPath", "/nacos"],
    ["nacos.console.port", port + 2000],
    ["nacos.console.contextPath", ""],
    ["nacos.core.auth.admin.enabled", adminAuth],
    ["nacos.core.auth.console.enabled", auth],
    ["nacos.core.auth.plugin.nacos.token.cache.enable", false],
    ["management.elastic.metrics.export.enabled", false],
    ["management.influx.metrics.export.enabled", false],
    ["nacos.k8s.sync.enabled", false],
    ["nacos.istio.mcp.server.enabled", false],
  ];
}

async function waitUntilReady(
  version: NacosVersion,
  rootUrl: string,
  server: ServerProcess,
): Promise<void> {
  const path = version === "2.2.4" ? "/v1/ns/operator/metrics" : "/v3/admin/core/state/readiness";
  const deadline = performance.now() + START_TIMEOUT_MS;
  let last = "";
  while (performance.now() < deadline) {
    if (server.ended()) throw new Error("it ended");
    const output = await server.output();
    // It may live on without its tables.
    if (output.includes("derby-schema.sql error")) throw new Error("it could not load its schema");
    try {
      const answer = await send({ rootUrl }, "GET", path);
      last = `${answer.status} ${answer.body.slice(0, 200)}`;
      // Without Raft groups every update of an instance fails; 2.2.4's launcher makes them last.
      const raft = version !== "2.2.4" || output.includes("raft groups created");
      if (answer.status === 200 && raft) return;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`it was not ready after ${START_TIMEOUT_MS / 1000} s; last: ${last}`);
}

function attachedServers(json: string): RealNacosSpec[] {
  let list: unknown;
  try {
    list = JSON.parse(json);
  } catch {
    // Not with the parser's message: it quotes the text, and that has passwords.
    throw new TypeError("Cannot read NACOS_TEST_SERVERS: it is not JSON");
  }
  if (!Array.isArray(list) || list.length === 0) {
    throw new TypeError("Cannot read NACOS_TEST_SERVERS: it must be a list of servers");
  }
  return list.map((item: unknown, index) => attachedServer(item, `NACOS_TEST_SERVERS[${index}]`));
}

function attachedServer(item: unknown, where: string): RealNacosSpec {
  const fields = (item ?? {}) as Record<string, unknown>;
  const text = (name: string) => {
    const value = fields[name];
    if (typeof value === "string" && value !== "") return value;
    throw new TypeError(`Cannot read ${where}: ${name} must be a text that is not empty`);
  };
  const flag = (name: string, otherwise: boolean) => {
    const value = fields[name] ?? otherwise;
    if (typeof value === "boolean") return value;
    throw new TypeError(`Cannot read ${where}: ${name} must be true or false`);
  };
  const generation = (["1.4", "2.x", "3.1", "3.2"] as const).find((g) => g === fields.generation);
  if (!generation) {
    throw new TypeError(`Cannot read ${where}: generation must be 1.4, 2.x, 3.1 or 3.2`);
  }
  const addr = text("addr");
  const auth = flag("auth", false);
  const adminAuth = flag("adminAuth", generation.startsWith("3"));
  const admin: Credentials | undefined = fields.username === undefined
    ? undefined
    : { username: text("username"), password: text("password") };
  const label = fields.label === undefined ? `${addr} (${generation})` : text("label");
  const host = { rootUrl: `http://${addr}/nacos`, generation, auth, adminAuth, admin };
  const notOurs = () => {
    throw new Error(`${label} was not launched by this run, so it is not paused`);
  };
  const server: RealNacos = {
    ...host,
    label,
    real: true,
    addr,
    startMs: 0,
    createUser: (namespaceId, action) => createUser(host, namespaceId, action),
    pid: 0,
    pause: notOurs,
    resume: notOurs,
    shutdown: () => Promise.resolve(),
  };
  return {
    label,
    generation,
    auth,
    adminAuth,
    launched: false,
    start: () => Promise.resolve(server),
  };
}
