/**
 * Every setting has its effect, by the name that goes last as well. All names of each, their order and
 * what is said of wrong values: `tests/unit/settings_values_test.ts`.
 */

import assert from "node:assert/strict";
import { SETTINGS, variablesOf } from "../support/settings.ts";
import { flagOf } from "../../src/settings/setting.ts";
import type { Setting } from "../../src/settings/setting.ts";
import { atOnce, each, sideBySide } from "../support/at_once.ts";
import { startCalled } from "../support/called.ts";
import { assertEnd, assertStatusEnd, drained } from "../support/ends.ts";
import {
  type EurekaLab,
  type EurekaLabOptions,
  OUT,
  startEurekaLab,
} from "../support/eureka_lab.ts";
import { wantsSignature } from "../embedded/nacos_signed.ts";
import { neverAnswers } from "../support/faulty.ts";
import { registerSecret, secret } from "../support/hook.ts";
import { type Env, type Lab, type LabOptions, type LabRun, startLab } from "../support/lab.ts";
import type { LabRuns } from "../support/lab_runs.ts";
import { startMetricsServer } from "../support/metrics_server.ts";
import { startMutualTls } from "../support/mutual_tls.ts";
import { room } from "../support/room.ts";
import { tlsFile } from "../support/tls.ts";
import { tempFile } from "../support/temp_file.ts";

const test = sideBySide("settings");

type Key = keyof typeof SETTINGS;

const settingNames = new Set<string>(Object.values(SETTINGS).map(({ env }) => env));

/** A value as it is, or made of the lab. */
type Of<L, T> = T | ((lab: L) => T);

const of = <L, T extends string | Env>(lab: L, value: Of<L, T>): T =>
  typeof value === "function" ? value(lab) : value;

/** How one setting shows that it has come through. */
interface Case<L> {
  /** @default {"status"} */
  readonly command?: string;
  readonly env?: Of<L, Env>;
  readonly right: Of<L, string>;
  /** A value that has the right form, but not the effect; only beside `works`. */
  readonly other?: Of<L, string>;
  /** Whether it stays away without the setting is not tried: it would take too long. */
  readonly slowWithout?: true;
  /** Whether the effect is there. @default the instance is found in service */
  readonly works?: (run: LabRun, lab: L) => boolean;
}

type Proof = (setting: Setting) => Promise<void>;

/** Where only Nacos is named. */
function nacos(one: Case<Lab>, options: LabOptions = {}): Proof {
  return async (setting) => {
    await using lab = await startLab(options);
    await prove(lab, one, setting);
  };
}

const offline = (one: Case<Lab>): Proof => nacos({ command: "offline", ...one });

/** Where only Eureka is named. */
function eureka(one: Case<EurekaLab>, options: EurekaLabOptions = {}): Proof {
  return async (setting) => {
    await using lab = await startEurekaLab(options);
    await prove(lab, one, setting);
  };
}

/** Where the app counts its requests, of which one a moment is to `/probe`. */
function traffic(one: Case<Lab>): Proof {
  return async (setting) => {
    await using app = startMetricsServer();
    app.keepCalling("/probe");
    const env = (lab: Lab) => ({ TRAFFIC_URL: app.url, ...of(lab, one.env ?? {}) });
    await offline({ ...one, env })(setting);
  };
}

function callCases(prefix: "APP_OFFLINE" | "AFTER_DRAIN") {
  const url = `${prefix}_URL`;
  const reports = (pattern: string) => says(new RegExp(`${url}: ${pattern}`));
  const [right, other] = ["http://127.0.0.1:1/right", "http://127.0.0.1:1/other"];
  const headers: Proof = async (setting) => {
    await using app = startCalled(({ headers }) =>
      new Response(null, { status: headers.has("x-right") ? 200 : 403 })
    );
    const works = reports("POST \\S+ answered 200");
    const [right, other] = [() => passwordFile("X-Right: yes"), () => passwordFile("X-Other: yes")];
    await offline({ env: { [url]: app.rootUrl }, right, other, works })(setting);
  };
  const timeout: Proof = async (setting) => {
    await using silent = neverAnswers();
    // Room enough that no deadline cuts the longer time.
    const room = { TERMINATION_GRACE_PERIOD_SECONDS: "120" };
    const env = { [url]: `http://${silent.addr}/`, LOG_FORMAT: "json", ...room };
    const works = ({ lastLine }: LabRun) => {
      const { appOffline, afterDrain } = JSON.parse(lastLine);
      return (appOffline ?? afterDrain).tookMs < 3_900;
    };
    await offline({ env, right: "1", other: "4", works })(setting);
  };
  return {
    url: offline({ right, other, works: reports(`POST ${right}: `) }),
    method: offline({
      env: { [url]: other },
      right: "PUT",
      other: "DELETE",
      works: reports("PUT "),
    }),
    headers,
    timeout,
  };
}

const says = (pattern: RegExp) => (run: LabRun) => pattern.test(run.stdout);
const appOffline = callCases("APP_OFFLINE");
const afterDrain = callCases("AFTER_DRAIN");

const eurekaUser = { user: { username: "app", password: secret() } };

const cloudKey = { ak: "LTAI-test", sk: secret() };
const signed = { intercept: wantsSignature(cloudKey) };

const probed = { QUIET_SECONDS: "1", TRAFFIC_EXCLUDE: "/probe" };
const json = { LOG_FORMAT: "json" };

/** The settings that an instance is found by, or not at all, and their values. */
type Rights<L> = Partial<Record<Key, Of<L, string>>>;

const inNacos = {
  podip: ({ instance }) => instance.ip,
  serviceName: ({ instance }) => instance.serviceName,
  port: ({ instance }) => String(instance.port),
  nacosServerAddr: (lab) => lab.server.addr,
  nacosContextPath: "/registry/nacos",
  nacosUsername: (lab) => lab.user?.username ?? "",
  nacosPassword: (lab) => lab.user?.password ?? "",
  namespaceId: "team-a",
  groupName: "G1",
  clusterName: "c1",
} satisfies Rights<Lab>;

const inEureka = {
  eurekaUrl: ({ server }) => server.rootUrl,
  eurekaUsername: eurekaUser.user.username,
  eurekaPassword: eurekaUser.user.password,
  application: ({ instance }) => instance.app,
  applicationPort: ({ instance }) => String(instance.port),
} satisfies Rights<EurekaLab>;

const inCloud = { nacosAccessKey: cloudKey.ak, nacosSecretKey: cloudKey.sk } satisfies Rights<Lab>;

const certificates = {
  caFile: tlsFile("ca.pem"),
  clientCertFile: tlsFile("client.pem"),
  clientKeyFile: tlsFile("client.key"),
} satisfies Rights<Lab>;

type Found = keyof (typeof inNacos & typeof inEureka & typeof inCloud & typeof certificates);

const cases: Record<Exclude<Key, Found>, Proof> = {
  scope: offline({
    right: "pod",
    other: "named",
    env: json,
    works: (run) => JSON.parse(run.lastLine).further.length === 1,
  }),
  drainSeconds: offline({
    right: "1",
    other: "0",
    env: { TERMINATION_GRACE_PERIOD_SECONDS: "17", ...json },
    works: (run) => JSON.parse(run.lastLine).wantedDrainMs === 1_000,
  }),
  gracePeriodSeconds: offline({ right: "123", other: "60", works: says(/has 108\.0 s/) }),
  stopReserveSeconds: offline({
    right: "23",
    other: "24",
    env: { TERMINATION_GRACE_PERIOD_SECONDS: "123" },
    works: says(/has 100\.0 s/),
  }),
  onlineTimeoutSeconds: nacos({
    command: "online --strict",
    right: "1",
    other: "20",
    works: (run) => run.elapsedMs < 19_000,
    slowWithout: true,
  }, { registered: false }),
  // Only where no address is set.
  registry: offline({
    env: { NACOS_SERVER_ADDR: "", DRAIN_SECONDS: "1" },
    right: "eureka",
    other: "nacos",
    works: ({ lastLine }) => /Eureka has no address: set EUREKA_URL;/.test(lastLine),
  }),
  disabled: offline({
    right: "true",
    other: "false",
    works: (run) => run.code === 0 && run.requests.length === 0,
  }),
  logFormat: offline({
    right: "json",
    other: "text",
    works: (run) => run.lastLine.startsWith("{"),
  }),
  trafficUrl: offline({
    right: "http://127.0.0.1:1/right",
    other: "http://127.0.0.1:1/other",
    works: says(/Cannot read TRAFFIC_URL: GET http:\/\/127\.0\.0\.1:1\/right: /),
  }),
  trafficMetric: traffic({
    right: "right_total",
    other: "jvm_threads_live_threads",
    env: probed,
    works: says(/There is no right_total /),
  }),
  trafficExclude: traffic({
    right: "/probe",
    other: "/another",
    env: { QUIET_SECONDS: "1", TERMINATION_GRACE_PERIOD_SECONDS: room(6, 15) },
    works: (run) => !/cut by the deadline/.test(run.stdout),
  }),
  quietSeconds: traffic({
    right: "1",
    other: "60",
    env: { TRAFFIC_EXCLUDE: "/probe", TERMINATION_GRACE_PERIOD_SECONDS: room(8, 15), ...json },
    works: (run) => JSON.parse(run.lastLine).endedBy !== "deadline",
  }),
  nacosPasswordFile: nacos({
    env: () => ({ NACOS_PASSWORD: secret() }),
    right: (lab) => passwordFile(lab.user?.password ?? ""),
  }, { auth: true }),
  nacosSecretKeyFile: nacos({
    env: () => ({ NACOS_ACCESS_KEY: cloudKey.ak, NACOS_SECRET_KEY: secret() }),
    right: () => passwordFile(cloudKey.sk),
  }, signed),
  // A 3.1 no longer has this API, so that it was asked for shows.
  nacosApi: nacos(
    { right: "v1", other: "v3", works: (run) => /v1\/ns\/\S+ answered 410/.test(run.stderr) },
    { generation: "3.1" },
  ),
  // The one setting without an effect: tested on its own below.
  nacosWeight: nacos({
    command: "online --strict --force",
    env({ server, instance }) {
      server.change(instance, { enabled: false, weight: 3 });
      return {};
    },
    right: "7.5",
    other: "2",
    works: (run) => run.writes.some(({ body }) => /weight=7\.5(&|$)/.test(body)),
  }),
  metadata: offline({
    right: "preserved.register.source=SPRING_CLOUD",
    works: () => true,
  }),
  eurekaPasswordFile: eureka({
    env: () => ({ EUREKA_USERNAME: eurekaUser.user.username, EUREKA_PASSWORD: secret() }),
    right: () => passwordFile(eurekaUser.user.password),
  }, eurekaUser),
  instanceId: eureka({
    // So that nothing but the id finds it.
    env: { APPLICATION_PORT: "1" },
    right: ({ instance }) => String(instance.instanceId),
  }),
  removeAfterDrain: eureka({
    command: "offline",
    right: "true",
    other: "false",
    works(run, lab) {
      const removed = lab.recorded() === undefined && /is removed/.test(run.lastLine);
      lab.register();
      return removed;
    },
  }),
  appOfflineUrl: appOffline.url,
  appOfflineMethod: appOffline.method,
  appOfflineHeaders: appOffline.headers,
  appOfflineTimeout: appOffline.timeout,
  afterDrainUrl: afterDrain.url,
  afterDrainMethod: afterDrain.method,
  afterDrainHeaders: afterDrain.headers,
  afterDrainTimeout: afterDrain.timeout,
};

const passwordFile = (password: string) => tempFile(`${password}\n`);

/** Every name of a setting, the one that goes first in front. */
function waysOf(setting: Setting): string[] {
  const names = variablesOf(setting);
  // What stands in may be another setting, with a flag of its own.
  const hasFlag = (name: string) => !setting.secret && settingNames.has(name);
  return names.flatMap((env) => hasFlag(env) ? [flagOf({ env }), env] : [env]);
}

async function runWith<L extends LabRuns>(lab: L, one: Case<L>, given: Env): Promise<boolean> {
  const flags = Object.entries(given).filter(([name]) => name.startsWith("--"));
  const env = Object.fromEntries(Object.entries(given).filter(([name]) => !name.startsWith("--")));
  // Left out, not empty: what `${VAR:-}` leaves is a case of its own.
  const args = [
    ...(one.command ?? "status").split(" "),
    ...flags.flatMap(([name, value]) => value === undefined ? [] : [name, value]),
  ];
  const run = await lab.run(args, { ...of(lab, one.env ?? {}), ...env });
  const found = (run: LabRun) => run.code === 0 && /\bin service\b/.test(run.stdout);
  return (one.works ?? found)(run, lab);
}

const blanksOf = (ways: readonly string[]) =>
  Object.fromEntries(ways.map((name, i) => [name, i % 2 ? "" : " \t "]));

/** All of them in one run: without any of them the instance is not found. */
async function proveFound<L extends LabRuns>(lab: L, rights: Rights<L>, env: Env = {}) {
  const keys = Object.keys(rights) as Key[];
  const ways = keys.map((key) => waysOf(SETTINGS[key]));
  const values = Object.values(rights).map((right, i) => [ways[i]?.at(-1), of(lab, right)]);
  const given = { ...blanksOf(ways.flat()), ...Object.fromEntries(values) };
  assert.ok(await runWith(lab, { right: "", env }, given), `one of ${keys} did not come through`);
}

async function prove<L extends LabRuns>(
  lab: L,
  one: Case<L>,
  setting: Setting,
): Promise<void> {
  const ways = waysOf(setting);
  const unset = Object.fromEntries(ways.map((way) => [way, undefined]));
  const right = of(lab, one.right);
  const [first = "", last = first] = [ways[0], ways.at(-1)];
  const given = { ...blanksOf(ways), [last]: right };
  assert.ok(await runWith(lab, one, given), `${last} did not come through`);
  // Nothing else finds the instance.
  if (one.other === undefined) return;
  const other = of(lab, one.other);
  // Without this the run above would prove nothing.
  const without = ways.length > 1
    ? { ...unset, [last]: right, [first]: other }
    : one.slowWithout
    ? { ...unset, [last]: other }
    : unset;
  assert.ok(!await runWith(lab, one, without), "the effect is there without the setting");
}

test("every setting works by the last of its names, behind blanks", async (t) => {
  const steps = Object.entries(cases).map(([key, proof]) => {
    const setting: Setting = SETTINGS[key as Key];
    const names = `${setting.env} (${waysOf(setting).length} names)`;
    return [names, () => proof(setting)] as const;
  });
  await atOnce(t, {
    ...Object.fromEntries(steps),
    async "what an instance is found by in Nacos"() {
      const instance = { namespaceId: "team-a", groupName: "G1", clusterName: "c1" };
      const contextPath = "/registry/nacos";
      await using lab = await startLab({ auth: true, contextPath, instance });
      await proveFound(lab, inNacos);
    },
    async "what an instance is found by in Eureka"() {
      await using lab = await startEurekaLab(eurekaUser);
      await proveFound(lab, inEureka);
    },
    async "a cloud's key"() {
      await using lab = await startLab(signed);
      await proveFound(lab, inCloud);
    },
    async certificates() {
      await using lab = await startLab();
      await using guard = await startMutualTls(lab.server.addr);
      await proveFound(lab, certificates, { NACOS_SERVER_ADDR: guard.origin });
    },
  });
});

test("metadata is accepted and never written", async () => {
  await using lab = await startLab();
  assertEnd(await lab.run("offline", { metadata: "version=v9" }), "done");
  assertEnd(await lab.run("online", { metadata: "version=v9" }), "done");
  assert.deepEqual((await lab.listed())?.metadata, lab.instance.metadata);
});

test("an app that is configured for Spring needs no setting at all", async () => {
  await using lab = await startLab({ auth: true, instance: { namespaceId: "team-a" } });
  const { instance, server, user } = lab;
  const none = Object.fromEntries(Object.keys(lab.env).map((name) => [name, undefined]));
  const run = await lab.run("offline", {
    ...none,
    DRAIN_SECONDS: "0",
    SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR: server.addr,
    SPRING_CLOUD_NACOS_DISCOVERY_NAMESPACE: instance.namespaceId,
    SPRING_CLOUD_NACOS_USERNAME: user?.username,
    SPRING_CLOUD_NACOS_PASSWORD: user?.password,
    SPRING_APPLICATION_NAME: instance.serviceName,
    SERVER_PORT: String(instance.port),
    POD_IP: instance.ip,
  });
  assertEnd(run, "done");
  assert.deepEqual(await lab.callersGet(), []);
});

test("an app that is configured for Spring and Eureka needs no setting at all", async () => {
  await using lab = await startEurekaLab(eurekaUser);
  const { instance, server } = lab;
  const none = Object.fromEntries(Object.keys(lab.env).map((name) => [name, undefined]));
  const zone = new URL(server.rootUrl);
  const { username, password } = eurekaUser.user;
  zone.username = encodeURIComponent(username);
  zone.password = encodeURIComponent(password);
  const run = await lab.run("offline", {
    ...none,
    DRAIN_SECONDS: "0",
    EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: zone.href,
    EUREKA_INSTANCE_IP_ADDRESS: instance.ip,
    SPRING_APPLICATION_NAME: instance.app,
    SERVER_PORT: String(instance.port),
  });
  assertEnd(run, "done", /is out of service/);
  assert.deepEqual(lab.recorded(), OUT);
});

test("without podip the local address of the connection is used and said", async () => {
  await using lab = await startLab({ instance: { ip: "127.0.0.1" } });
  const run = await lab.run("offline", { podip: undefined });
  assertEnd(run, "done", /127\.0\.0\.1:\d+ of/);
  assert.match(run.stdout, /podip is not known: using 127\.0\.0\.1/);
});

test("a wrong value of a lenient setting: the work is done, the exit code is 78", async (t) => {
  // Those that decide how the work is done; the others go the same way.
  const wrong: [name: string, value: string, message: RegExp][] = [
    ["DRAIN_SECONDS", "40s", /not "40s"/],
    ["TERMINATION_GRACE_PERIOD_SECONDS", "65s", /not "65s"/],
    ["NACOS_API", "v2", /v1 or v3.*not "v2"/],
    ["NACOS_PASSWORD_FILE", "/nowhere/password", /No such file/],
    ["CA_FILE", tlsFile("server.key"), /BEGIN CERTIFICATE/],
    ["REMOVE_AFTER_DRAIN", "later", /true or false, not "later"/],
    ["TRAFFIC_URL", "localhost:8080/metrics", /http\(s\):.* not "localhost:8080\/metrics"/],
    ["APP_OFFLINE_HEADERS_FILE", "/nowhere/headers", /No such file/],
  ];
  const named = Object.fromEntries(wrong.map((one) => [`${one[0]}=${one[1]}`, one]));
  await each(t, named, async ([name, value, message]) => {
    const options = {
      // Bounds the run where the wrong value is that of the drain itself.
      env: { TERMINATION_GRACE_PERIOD_SECONDS: room(6, 15), DRAIN_SECONDS: "1" },
    };
    await using lab = name === "REMOVE_AFTER_DRAIN"
      ? await startEurekaLab(options)
      : await startLab(options);
    const run = await lab.run("offline", { [name]: value });
    assertEnd(run, "settings", new RegExp(name), message, /is out of service/);
    assert.doesNotMatch(run.stdout, /is not set/, "what is wrong is set");
    assert.deepEqual(await lab.callersGet(), []);
  });
});

test("a Eureka user without a password is no login, and said", async () => {
  await using lab = await startEurekaLab();
  const run = await lab.run("offline", { EUREKA_USERNAME: "app" });
  assertEnd(run, "done");
  assert.match(run.stdout, /EUREKA_USERNAME is app, but no password is known: not logging in/);
  for (const { headers } of run.requests) assert.equal(headers.get("authorization"), null);
});

test("a user without a password is no login, and said", async () => {
  await using lab = await startLab();
  const run = await lab.run("offline", { NACOS_USERNAME: "app" });
  assertEnd(run, "done");
  assert.match(run.stdout, /NACOS_USERNAME is app, but no password is known: not logging in/);
  assert.deepEqual(run.requests.filter(({ path }) => path.endsWith("/login")), []);
});

test("a wrong value is refused by each command with its name, its source and what it should be", async (t) => {
  const message = /port \(environment variable port\).*1 to 65535, not "http"/;
  const commands: Record<string, (run: LabRun) => void> = {
    "offline": (run) => assertEnd(run, "settings", message, drained(0)),
    "online --strict": (run) => assertEnd(run, "settings", message),
    "status": (run) => assertStatusEnd(run, "settings", message),
    "check": (run) => assertStatusEnd(run, "settings", message),
  };
  await each(t, commands, async (assertRefused, command) => {
    await using lab = await startLab();
    const run = await lab.run(command, { port: "http" });
    assertRefused(run);
    assert.equal(run.requests.length, 0);
  });
});

test("what is wrong with the settings of one registry is not said of the other", async (t) => {
  const wrong: Record<string, Env> = {
    "a wrong port": { APPLICATION_PORT: "http" },
    "a wrong address": { EUREKA_URL: "ftp://eureka" },
    "no app": { APPLICATION: undefined },
  };
  await each(t, wrong, async (env) => {
    await using lab = await startEurekaLab();
    const run = await lab.run("offline", env);
    assertEnd(run, "settings", new RegExp(Object.keys(env).join()), drained(0));
    assert.equal(run.requests.length, 0);
    assert.doesNotMatch(run.stdout, /nacos|NACOS|: (serviceName|port) is not set/);
  });
});

test("a certificate that is none shows only when it is used, and is drained for", async () => {
  const CA_FILE = tempFile(
    "-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n",
  );
  await using lab = await startLab();
  const https = `https://${lab.server.addr}`;
  const run = await lab.run("offline", { CA_FILE, NACOS_SERVER_ADDR: https });
  assertEnd(run, "settings", /CA_FILE/, drained(0));
  assertEnd(await lab.run("offline", { CA_FILE }), "done", /is out of service/);
});

test("a URL with a user in NACOS_SERVER_ADDR is refused, and not repeated", async () => {
  await using lab = await startLab();
  const inUrl = `http://app:${encodeURIComponent(secret())}@nacos:8848`;
  const run = await lab.run("offline", { NACOS_SERVER_ADDR: inUrl });
  assertEnd(run, "settings", /NACOS_SERVER_ADDR.*user and password/, drained(0));
});

test("behind a wrong value the work is done with what is right", async (t) => {
  const nacos: [env: (lab: Lab) => Env, args: string[], message: RegExp][] = [
    [
      () => ({}),
      ["--port", "http"],
      /port \(flag --port\).*"http"; environment variable port is used/,
    ],
    [
      ({ instance }) => ({ podip: "$(POD_IP)", POD_IP: instance.ip }),
      [],
      /podip.*an IP address or a host name.*not "\$\(POD_IP\)"; environment variable POD_IP is used/,
    ],
    [
      ({ server }) => ({ NACOS_SERVER_ADDR: `${server.addr},nacos:eighty` }),
      [],
      /NACOS_SERVER_ADDR.*host:port.*:eighty"; 127\.0\.0\.1:\d+ of .* is used/,
    ],
  ];
  await atOnce(t, {
    ...Object.fromEntries(nacos.map(([env, args, message]) => [String(message), async () => {
      await using lab = await startLab();
      assertEnd(await lab.run(["offline", ...args], env(lab)), "settings", message);
      assert.deepEqual(await lab.callersGet(), []);
    }])),
    async "a wrong podip, and nothing else that says the address"() {
      await using lab = await startLab({ instance: { ip: "127.0.0.1" } });
      const run = await lab.run("offline", { podip: "http://10.0.0.1" });
      assertEnd(run, "settings", /podip.*without port and scheme/, /127\.0\.0\.1:\d+ of .* is out/);
    },
    async "a wrong flag beside EUREKA_URL"() {
      await using lab = await startEurekaLab();
      const run = await lab.run(["offline", "--eureka-url", "eureka:eighty"]);
      assertEnd(run, "settings", /EUREKA_URL \(flag --eureka-url\)/, /is out of service/);
    },
  });
});

test("a value that is not UTF-8 is named, not repeated, and drained for", async (t) => {
  const password = secret();
  const broken: Record<string, [env: Env, message: RegExp]> = {
    serviceName: [{ serviceName: undefined }, /serviceName/],
    NACOS_PASSWORD: [{ NACOS_USERNAME: "app" }, /NACOS_PASSWORD/],
  };
  await each(t, broken, async ([env, message], name) => {
    await using lab = await startLab();
    // Environments of child processes are text here, so a shell has to make the byte.
    const script = `${name}="$SEED$(printf '\\377')"; export ${name}; unset SEED; exec "$0" "$@"`;
    const run = await lab.run("offline", { ...env, SEED: password, DRAIN_SECONDS: "1" }, {
      launcher: ["/bin/sh", "-c", script],
    });
    assertEnd(run, "settings", message, drained(1));
    assert.equal(run.requests.length, 0);
  });
});

test("several wrong settings are all named", async () => {
  await using lab = await startLab();
  const run = await lab.run("offline", { port: "x", podip: "a b", NACOS_API: "v2" });
  assertEnd(run, "settings", /port/, /podip/, /NACOS_API/);
});

test("a secret is refused as a flag, and not repeated", async () => {
  await using lab = await startLab();
  const password = secret();
  const run = await lab.run(["offline", "--nacos-password", password]);
  const said = [/--nacos-password/, /NACOS_PASSWORD or NACOS_PASSWORD_FILE/];
  assertEnd(run, "usage", ...said, /is out of service/);
});

test("a URL with a password is refused as a flag, and not repeated", async (t) => {
  const password = encodeURIComponent(secret());
  const none = { NACOS_SERVER_ADDR: undefined, EUREKA_URL: undefined };
  // Every form: tests/unit/command_line_test.ts.
  const refused: Record<string, [start: () => Promise<Lab | EurekaLab>, url: string]> = {
    "--nacos-server-addr": [startLab, `http://app:${password}@localhost:8848`],
    "--eureka-url": [
      startEurekaLab,
      `http://localhost:8761,https://app:${password}@localhost:8762`,
    ],
  };
  await each(t, refused, async ([start, url], flag) => {
    await using runs = await start();
    const run = await runs.run(["offline", flag, url], none);
    assertEnd(
      run,
      "usage",
      new RegExp(`The password in ${flag} is not taken .*environment variable`),
    );
    // Its registry is known, but not where it is.
    assert.doesNotMatch(run.stdout, /by default/);
    // What the environment says is done all the same.
    const known = await runs.run([`${flag}=${url}`, "offline"]);
    assertEnd(known, "usage", /The password in/, /is out of service/);
  });
});

test("a password comes through as it is: spaces, quotes, %, +, &", async (t) => {
  const password = ` ${secret()} `;
  registerSecret(password);
  let seen: string | null = null;
  await using lab = await startLab({
    intercept: async (req) => {
      if (!req.url.endsWith("/login")) return undefined;
      seen = new URLSearchParams(await req.text()).get("password");
      return undefined;
    },
  });
  const ways: Record<string, Env> = {
    "from the variable": { NACOS_PASSWORD: password },
    "from a file": { NACOS_PASSWORD_FILE: tempFile(`${password}\r\n`) },
  };
  for (const [name, env] of Object.entries(ways)) {
    await t.step(name, async () => {
      seen = null;
      await lab.run("status", { NACOS_USERNAME: "app", ...env });
      assert.equal(seen, password);
    });
  }
});

test("SERVICE_OFFLINE_DISABLED says so and does nothing, also with other mistakes", async () => {
  await using lab = await startLab({ env: { SERVICE_OFFLINE_DISABLED: "true" } });
  for (const [command, env] of [["offline", {}], ["online", {}], ["offline", { port: "x" }]]) {
    const run = await lab.run(String(command), env as Env);
    assertEnd(run, "done", /: SERVICE_OFFLINE_DISABLED is set: nothing is done;/);
    assert.equal(run.requests.length, 0);
  }
  assert.equal((await lab.callersGet()).length, 1);
});
