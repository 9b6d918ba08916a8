/** Real Nacos servers for tests: launched from Maven Central, or somebody's own. */

import { freePort } from "./free_port.ts";
import { buildJava, type BuiltJava } from "./java_lab.ts";
import { send } from "./nacos_client.ts";
import type { NacosGeneration, NacosUnderTest } from "./nacos_under_test.ts";
import { createAdmin, createUser, randomSecret } from "./nacos_users.ts";
import {
  type Entry,
  launch,
  namedBy,
  notLaunched,
  type RealServer,
  type RealServerSpec,
  retry,
  type ServerOptions,
  type ServerProcess,
  unlessOk,
  untilReady,
} from "./server_process.ts";

export type NacosVersion = "2.2.4" | "3.1.0";

interface RealNacosOptions {
  readonly version: NacosVersion;
  readonly auth: boolean;
  /** Whether the 3.x admin API needs one; 2.2.4 has no such API. @default {true} as shipped */
  readonly adminAuth?: boolean;
  /** The address of this machine that its HTTP ports are bound to. @default {"127.0.0.1"} */
  readonly host?: string;
}

export interface RealNacos extends NacosUnderTest, RealServer {
  readonly real: true;
  /** Its process id; 0 for one we did not launch. */
  readonly pid: number;
}

export interface RealNacosSpec extends RealServerSpec<RealNacos> {
  readonly generation: NacosGeneration;
  readonly auth: boolean;
  /** Whether the 3.x admin API needs a token. */
  readonly adminAuth: boolean;
}

const FURTHER_PORTS = [-1000, 1000, 1001, 2000];
const LOOPBACK = "127.0.0.1";
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
  return await retry(() => launchNacos(options, built));
}

/**
 * The servers that the suite runs on: 2.2.4 and 3.1.0, with auth on and off. Where
 * `NACOS_TEST_SERVERS` is set, these instead: a JSON list of `{label, generation, addr, auth,
 * adminAuth, username, password}`, whose user is a global administrator.
 */
export function realNacosServers(): RealNacosSpec[] {
  const own = namedBy("NACOS_TEST_SERVERS", attachedServer);
  return own ?? (["2.2.4", "3.1.0"] as const).flatMap((version) =>
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

const PARENT = new URL("./Parent.java", import.meta.url);
const PROGRAMS = {
  "2.2.4": {
    name: "nacos-2.2.4",
    pom: new URL("./nacos2/pom.xml", import.meta.url),
    sources: [new URL("./nacos2/Boot2.java", import.meta.url), PARENT],
  },
  "3.1.0": {
    name: "nacos-3.1.0",
    pom: new URL("./nacos3/pom.xml", import.meta.url),
    sources: [new URL("./nacos3/Boot3.java", import.meta.url), PARENT],
  },
} as const;

function labelOf(version: NacosVersion, auth: boolean): string {
  return `real ${version} auth ${auth ? "on" : "off"}`;
}

async function launchNacos(options: RealNacosOptions, built: BuiltJava): Promise<RealNacos> {
  const { version, auth, host: address = LOOPBACK } = options;
  const adminAuth = version === "3.1.0" && (options.adminAuth ?? true);
  const generation = GENERATIONS[version];
  const port = freePort(FURTHER_PORTS);
  const label = labelOf(version, auth);
  const addr = `${address}:${port}`;
  const rootUrl = `http://${addr}/nacos`;
  const program = programOf({ version, auth, adminAuth, built, port, address });
  const { process, startMs, value: admin } = await launch(
    `${label} on port ${port}`,
    program,
    async (server) => {
      await waitUntilReady(version, rootUrl, server);
      return await createAdmin({ rootUrl, generation, auth });
    },
  );
  const host = { rootUrl, generation, auth, adminAuth, admin };
  return {
    ...host,
    label,
    real: true,
    addr,
    startMs,
    createUser: (namespaceId, action) => createUser(host, namespaceId, action),
    pid: process.pid,
    pause: () => process.signal("SIGSTOP"),
    resume: () => process.signal("SIGCONT"),
    shutdown: () => process.stop(),
  };
}

interface SpawnOptions {
  readonly version: NacosVersion;
  readonly auth: boolean;
  readonly adminAuth: boolean;
  readonly built: BuiltJava;
  readonly port: number;
  readonly address: string;
}

function programOf(options: SpawnOptions): ServerOptions {
  const { built } = options;
  const tokenKey = btoa(randomSecret() + randomSecret());
  const identity = randomSecret();
  const jars = [...Deno.readDirSync(built.lib)].map((entry) => entry.name).sort();
  // jraft must see this hessian first, not the one that other jars of 2.2.4 bring along.
  const hessian = jars.filter((name) => name.startsWith("hessian-4"));
  const classPath = [built.classes, ...[...hessian, "*"].map((name) => `${built.lib}/${name}`)];
  const main = options.version === "2.2.4" ? "Boot2" : "Boot3";
  const flags = [...commonFlags(options), ...ownFlags(options)].map(([k, v]) => `-D${k}=${v}`);
  return {
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
  };
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
    // Its own 3 s are too few to make a database on a busy machine, and it dies of that ("load
    // derby-schema.sql error", 2.2.4 and 3.1.0).
    ["db.pool.config.connectionTimeout", 120_000],
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
  await untilReady(server, START_TIMEOUT_MS, async () => {
    const output = await server.output();
    // It may live on without its tables.
    if (output.includes("derby-schema.sql error")) throw new Error("it could not load its schema");
    // Without Raft groups every update of an instance fails; 2.2.4's launcher makes them last.
    const raft = version !== "2.2.4" || output.includes("raft groups created");
    return await unlessOk(send({ rootUrl }, "GET", path)) ?? (raft ? undefined : "no Raft groups");
  });
}

function attachedServer({ fields, text, flag, refuse, user }: Entry): RealNacosSpec {
  const generation = (["1.4", "2.x", "3.1", "3.2"] as const).find((g) => g === fields.generation) ??
    refuse("generation must be 1.4, 2.x, 3.1 or 3.2");
  const addr = text("addr");
  const auth = flag("auth", false);
  const adminAuth = flag("adminAuth", generation.startsWith("3"));
  const label = fields.label === undefined ? `${addr} (${generation})` : text("label");
  const host = { rootUrl: `http://${addr}/nacos`, generation, auth, adminAuth, admin: user() };
  const server: RealNacos = {
    ...host,
    ...notLaunched(label),
    label,
    addr,
    pid: 0,
    createUser: (namespaceId, action) => createUser(host, namespaceId, action),
  };
  const start = () => Promise.resolve(server);
  return { label, generation, auth, adminAuth, launched: false, start };
}
