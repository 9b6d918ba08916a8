/** `check`: what it says about good and bad set-ups, that it changes nothing, and its YAML. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { parse } from "yaml";
import { startLab as startLabOf } from "../support/lab.ts";
import { runInside } from "../support/inside.ts";
import { sideBySide } from "../support/at_once.ts";
import { assertStatusEnd } from "../support/ends.ts";
import { startEurekaLab } from "../support/eureka_lab.ts";
import { refusedPort, startBlackHole, startFaulty } from "../support/faulty.ts";
import { secret } from "../support/hook.ts";
import { FAILS_SOON } from "../support/lab_runs.ts";
import type { Env, Lab, LabOptions, LabRun } from "../support/lab.ts";
import type { NacosGeneration } from "../support/nacos_under_test.ts";
import { TLS, tlsFile } from "../support/tls.ts";
import { eventually } from "../support/pause.ts";
import { tempFile } from "../support/temp_file.ts";

runInside();
const test = sideBySide("check");

/** Grace for the drain of Nacos, and for that of Eureka. */
const NACOS_GRACE = { TERMINATION_GRACE_PERIOD_SECONDS: "65", DRAIN_SECONDS: undefined };
const EUREKA_GRACE = { TERMINATION_GRACE_PERIOD_SECONDS: "120", DRAIN_SECONDS: undefined };

/** A lab with another instance beside the one that is checked. */
async function startLab(options: LabOptions = {}): Promise<Lab> {
  const lab = await startLabOf({ ...options, env: { ...NACOS_GRACE, ...options.env } });
  lab.server.registerGrpc({ ...lab.instance, ip: "10.255.0.1" });
  await eventually(async () =>
    assert.ok((await lab.callersGet()).includes("10.255.0.1:" + lab.instance.port))
  );
  return lab;
}

interface Json {
  readonly exitCode: number;
  readonly outcome: string;
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
  readonly settings: readonly { name: string; value: string; source: string }[];
  readonly registries: readonly {
    readonly addresses: readonly {
      readonly address: string;
      readonly findings: readonly { about: string; ok: boolean | null; text: string }[];
    }[];
  }[];
  readonly time: { readonly missing: number; readonly grace: number };
  readonly yaml: string;
}

function json(run: LabRun): Json {
  const report: Json = JSON.parse(run.stdout);
  assert.equal(report.exitCode, run.code);
  return report;
}

/** A patch as an API server reads it: YAML 1.1. */
function patchOf(yaml: string) {
  const parsed = parse(yaml, { version: "1.1" });
  assert.deepEqual(parsed, parse(yaml));
  const { terminationGracePeriodSeconds: grace, containers } = parsed.spec.template.spec;
  const [{ name, env, lifecycle }] = containers;
  const command = (hook: "preStop" | "postStart") => lifecycle[hook].exec.command;
  return { grace, name, env: env as Record<string, unknown>[], command };
}

/** Whatever the program sent that was no login; it may not have changed anything. */
function assertNothingChanged(run: LabRun): void {
  for (const { method, path, search, body } of run.writes) {
    // At Nacos an update without an address, at Eureka one of an instance that cannot exist.
    const isProbe = `${path}${search}`.includes("/nobody-") ||
      /\/instance(\/partial)?$/.test(path) && !/\b(ip|port)=/.test(body);
    assert.ok(isProbe, `${method} ${path}${search} ${body}`);
  }
}

for (const generation of ["1.4", "2.x", "3.1", "3.2"] as const satisfies NacosGeneration[]) {
  for (const auth of [true, false]) {
    test(`a right set-up of ${generation}, auth ${auth ? "on" : "off"}`, async () => {
      await using lab = await startLab({ generation, auth });
      const before = lab.server.instances();
      const run = await lab.run("check --all");
      assertStatusEnd(run, "done", /Verdict: .* exit code 0 now/, /in service\n/, /enough: /);
      assert.match(run.stdout, /callers at .*: this one, 1 other instance\n/);
      assert.match(run.stdout, /ok +connection: \d+ ms, from 127\.0\.0\.1/);
      assert.match(run.stdout, /ok +permission to read: allowed/);
      assert.match(run.stdout, /ok +permission to write: allowed/);
      assert.match(
        run.stdout,
        lab.user ? new RegExp(`ok +login: as user ${lab.user.username}`) : /ok +login: not needed/,
      );
      assert.match(
        run.stdout,
        generation < "3" ? /Nacos [12]\.\S+; its API is v1/ : /Nacos 3\.\S+; its API is v3/,
      );
      assert.doesNotMatch(run.stdout, /WARNING|FAILED|\? {3}/);
      assertNothingChanged(run);
      assert.deepEqual(lab.server.instances(), before);
    });
  }
}

test("on a terminal it fits 24 lines, in colour but with NO_COLOR", async () => {
  await using lab = await startLab({ generation: "3.1", auth: true });
  const linesOf = async (env: Record<string, string> = {}) => {
    const { stdout } = await lab.run("check", env, { terminal: true });
    return stdout.trimEnd().split(/\r?\n/);
  };
  const lines = await linesOf();
  assert.ok(lines.length < 24, lines.join("\n"));
  const [title = "", settings = ""] = lines;
  assert.match(title, /^Settings/);
  assert.match(settings, /^ {2}podip=/);
  assert.ok(lines.at(-1)?.startsWith("\x1b[32mVerdict:\x1b[0m "), lines.at(-1));
  const plain = await linesOf({ NO_COLOR: "1" });
  assert.equal(plain.length, lines.length);
  assert.ok(!plain.join().includes("\x1b"));
});

test("a grace period that is too short is exit code 0 with a warning", async () => {
  await using lab = await startLab({ env: { TERMINATION_GRACE_PERIOD_SECONDS: "30" } });
  const run = await lab.run("check");
  assertStatusEnd(
    run,
    "done",
    /WARNING: the drain would be cut by 35 s: set terminationGracePeriodSeconds: 65 and/,
    /15 s are left for the run/,
    /too short by 35 s/,
  );
  const { time, yaml, warnings } = json(await lab.run("check --json"));
  assert.deepEqual([time.missing, time.grace, patchOf(yaml).grace], [35, 65, 65]);
  assert.match(warnings.join(), /cut by 35 s/);
});

test("the time with DRAIN_SECONDS, and without a grace period", async () => {
  await using lab = await startLab();
  const short = await lab.run("check", { DRAIN_SECONDS: "60" });
  assertStatusEnd(short, "done", /WARNING: the drain would be cut by 12 s/, /Seconds: 80 /);
  const enough = json(
    await lab.run("check --json", { DRAIN_SECONDS: "60", TERMINATION_GRACE_PERIOD_SECONDS: "77" }),
  );
  assert.deepEqual([enough.time.missing, enough.warnings], [0, []]);
  const less = await lab.run("check", { DRAIN_SECONDS: "30" });
  assertStatusEnd(less, "done", /callers may go on calling for up to 50 s, DRAIN_SECONDS is 30/);
  const unknown = await lab.run("check", { TERMINATION_GRACE_PERIOD_SECONDS: undefined });
  assertStatusEnd(
    unknown,
    "done",
    /TERMINATION_GRACE_PERIOD_SECONDS is not known.*the drain is 30 s/,
  );
});

test("a wrong group names the right one", async () => {
  await using lab = await startLab({ generation: "3.1", auth: true });
  const run = await lab.run("check", { groupName: "OTHER" });
  assertStatusEnd(run, "notFound", /not registered; .*is registered with groupName=DEFAULT_GROUP/);
  assert.match(run.stdout, /exit code 66 now/);
  assertNothingChanged(run);
});

test("a wrong password, on a server that wants one and on one that does not", async () => {
  for (const generation of ["2.x", "3.1"] as const) {
    await using lab = await startLab({ generation, auth: true });
    const run = await lab.run("check", { NACOS_PASSWORD: secret() });
    assertStatusEnd(run, "refused", /login of user .* failed/);
    assert.match(run.stdout, /FAILED login of user .* failed: .*; check NACOS_USERNAME/);
    assert.match(run.stdout, /FAILED permission to read and write: not without a login/);
    assert.equal(run.stdout.match(/password is wrong/g)?.length, 1, run.stdout);
    assertNothingChanged(run);
    const nobody = await lab.run("check", { NACOS_USERNAME: undefined });
    assertStatusEnd(nobody, "refused", /set NACOS_USERNAME/);
  }
  await using open = await startLab({ generation: "2.x" });
  const run = await open.run("check", { NACOS_USERNAME: "me", NACOS_PASSWORD: secret() });
  assertStatusEnd(run, "done", /\? +login: refused for user me, but none is needed/);
});

test("a user without a password is said", async () => {
  await using lab = await startLab();
  const { notes } = json(await lab.run("check --json", { NACOS_USERNAME: "me" }));
  assert.deepEqual(notes, ["NACOS_USERNAME is me, but no password is known: not logging in"]);
  await using closed = await startLab({ auth: true });
  const run = await closed.run("check", { NACOS_USERNAME: "me", NACOS_PASSWORD: undefined });
  assertStatusEnd(run, "refused", /no password of user me is known: check NACOS_PASSWORD_FILE/);
  assert.match(run.stdout, /\? +login: no password of user me is known/);
});

for (const generation of ["2.x", "3.1"] as const) {
  test(`a user of ${generation} who may only read is refused before it matters`, async () => {
    await using lab = await startLab({ generation, auth: true });
    const { username, password } = await lab.server.createUser("public", "r");
    const env = { NACOS_USERNAME: username, NACOS_PASSWORD: password };
    const run = await lab.run("check", env);
    // 3.1 shows its record of the instance only to who may write.
    const looked = generation === "2.x" ? /in service, but it may not be taken out/ : /instance/;
    assertStatusEnd(run, "refused", looked, /lacks the permission/);
    assert.match(run.stdout, /FAILED permission to (read and )?write: .*authorization failed/);
    assert.equal(run.stdout.match(/authorization failed/g)?.length, 1, run.stdout);
    assertNothingChanged(run);
    // As `offline` has it.
    assert.equal((await lab.run("offline", { ...env, ...FAILS_SOON })).code, run.code);
  });
}

test("a dead address: one of two, and the only one", async () => {
  await using lab = await startLab();
  const dead = `127.0.0.1:${refusedPort()}`;
  const one = await lab.run("check --all", { NACOS_SERVER_ADDR: `${dead},${lab.server.addr}` });
  assertStatusEnd(one, "done", new RegExp(`WARNING: nacos: http://${dead}/nacos does not work`));
  assert.match(one.stdout, /FAILED connection: Cannot connect to http:\/\/\S+: .*refused/);
  assert.match(one.stdout, /ok +permission to write/);
  const only = await lab.run("check", { NACOS_SERVER_ADDR: dead });
  assertStatusEnd(only, "unreachable", /Cannot connect/);
  assert.match(only.stdout, /^nacos: .*: see below$/m);
  assert.match(only.stdout, /exit code 69 now/);
  const shown = await lab.run("check", { NACOS_SERVER_ADDR: dead }, { terminal: true });
  assert.equal(shown.stdout.match(/Connection refused/g)?.length, 1, shown.stdout);
});

test("an address where connecting hangs ends within 20 s", async () => {
  await using lab = await startLab();
  await using hole = await startBlackHole();
  const run = await lab.run("check", { NACOS_SERVER_ADDR: `${hole.addr},${lab.server.addr}` });
  assertStatusEnd(run, "done", /FAILED connection: .*no connection in time/);
  assert.ok(run.ms < 90_000, `${run.ms} ms`);
});

test("a certificate that nobody trusts, one that is trusted", async () => {
  await using lab = await startLabOf({ generation: "3.1", tls: TLS });
  const env = { NACOS_SERVER_ADDR: `https://${lab.server.addr}` };
  const wrong = await lab.run("check", env);
  assertStatusEnd(wrong, "unreachable", /certificate/);
  assert.match(wrong.stdout, /FAILED certificate: .*UnknownIssuer.*; set CA_FILE/);
  const right = await lab.run("check --all", { ...env, CA_FILE: tlsFile("ca.pem") });
  assertStatusEnd(right, "done", /ok +certificate: trusted\n.*ok +server/);
});

test("the last instance callers can see, and one that is out already", async () => {
  await using lab = await startLabOf({ env: NACOS_GRACE });
  const run = await lab.run("check");
  assertStatusEnd(run, "done", /WARNING: nacos: this is the last instance callers can see/);
  await lab.run("offline", { DRAIN_SECONDS: "0" });
  assertStatusEnd(await lab.run("check"), "done", /out of service/);
});

test("settings: where they come from, and none that is secret", async () => {
  await using lab = await startLab({ generation: "3.1", auth: true });
  const { serviceName, ip } = lab.instance;
  const run = await lab.run(["check", "--json", "--podip", ip], {
    podip: undefined,
    serviceName: undefined,
    SPRING_APPLICATION_NAME: serviceName,
  });
  const sources = new Map(json(run).settings.map((one) => [one.name, one]));
  const source = (name: string) => sources.get(name)?.source;
  assert.equal(source("podip"), "flag --podip");
  assert.equal(source("serviceName"), "environment variable SPRING_APPLICATION_NAME");
  assert.equal(source("STOP_RESERVE_SECONDS"), "default");
  assert.equal(sources.get("NACOS_PASSWORD")?.value, "***");
  // Of what is not used there is nothing.
  assert.ok(!sources.has("EUREKA_URL"));
});

/** A command has the wrapper of the kit where that is here, else the exec form. */
function assertThere([first, wrapper]: readonly string[], name: string): void {
  if (existsSync(`/opt/${name}`)) assert.deepEqual([first, wrapper], ["sh", `/opt/${name}`]);
  else assert.match(first ?? "", /^\/opt\/service-offline\//);
}

test("the YAML leaves alone the address by which the instance was found", async () => {
  await using lab = await startLab();
  const { ip } = lab.instance;
  const patched = async (env: Env) => {
    const { stdout } = await lab.run("check --yaml", { podip: undefined, ...env });
    return patchOf(stdout).env.map((one) => one["name"]);
  };
  assert.ok(!(await patched({ podip: ip })).includes("podip"));
  assert.ok(!(await patched({ SPRING_CLOUD_NACOS_DISCOVERY_IP: ip })).includes("podip"));
  assert.ok((await patched({})).includes("podip"), "it was not found by our own address");
});

test("a sidecar that stands by needs no patch", async () => {
  await using lab = await startLab();
  await using sidecar = lab.start("sidecar", { DRAIN_SECONDS: "1" });
  await sidecar.waitForLine(/waiting for TERM/);
  const during = await lab.run("check --yaml");
  assert.equal(during.stdout, "# Nothing to patch: a sidecar stands by here.\n");
  const short = await lab.run("check --yaml", { TERMINATION_GRACE_PERIOD_SECONDS: "30" });
  assert.match(short.stdout, /terminationGracePeriodSeconds: 65/);
  assert.doesNotMatch(short.stdout, /preStop|podip/);
  sidecar.kill("SIGTERM");
  assert.equal((await sidecar.done).code, 0);
  assert.match((await lab.run("check --yaml")).stdout, /preStop/);
});

test("the YAML is a patch of a Deployment, and carries no secret", async () => {
  await using lab = await startLab({ generation: "3.1", auth: true });
  const password = tempFile(lab.user?.password ?? "");
  const odd = { groupName: "0123", namespaceId: "public", metadata: `on: "$(x)" 'é' \u2028 #a` };
  const run = await lab.run("check --yaml", {
    ...odd,
    instanceId: "pod-1",
    SERVICE_OFFLINE_DISABLED: "true",
    NACOS_PASSWORD_FILE: password,
    NACOS_PASSWORD: secret(),
  });
  const { grace, name, env, command } = patchOf(run.stdout);
  assert.deepEqual([grace, name], [65, "YOUR-CONTAINER"]);
  assertThere(command("postStart"), "service_online.sh");
  assertThere(command("preStop"), "service_offline_nacos.sh");
  const values = Object.fromEntries(env.map((one) => [one["name"], one["value"]]));
  assert.equal(values["groupName"], "0123");
  assert.ok(!("SERVICE_OFFLINE_DISABLED" in values));
  assert.equal(values["port"], String(lab.instance.port));
  assert.equal(values["TERMINATION_GRACE_PERIOD_SECONDS"], "65");
  // Kubernetes makes $ of $$.
  assert.equal(values["metadata"], odd.metadata.replace("$", "$$$$"));
  assert.equal(values["NACOS_PASSWORD_FILE"], password);
  const from = (wanted: string) => env.find((one) => one["name"] === wanted)?.["valueFrom"];
  assert.deepEqual(from("podip"), { fieldRef: { fieldPath: "status.podIP" } });
  const secretKeyRef = { name: "YOUR-SECRET", key: "NACOS_PASSWORD" };
  assert.deepEqual(from("NACOS_PASSWORD"), { secretKeyRef });
  assert.equal(env.length, new Set(env.map((one) => one["name"])).size);
});

test("Eureka: a right set-up, a wrong password, a path that is none", async () => {
  await using lab = await startEurekaLab({ auth: true, env: EUREKA_GRACE });
  const before = lab.server.instances();
  const run = await lab.run("check --all");
  assertStatusEnd(run, "done", /exit code 0 now/, /ok +permission to write: allowed/, /enough: /);
  assert.match(run.stdout, /ok +login: as user /);
  const [patch = ""] = /^spec:\n(?:.*\n)*?\n/m.exec(run.stdout) ?? [];
  assertThere(patchOf(patch).command("preStop"), "service_offline_eureka.sh");
  assertNothingChanged(run);
  assert.deepEqual(lab.server.instances(), before);
  const wrong = await lab.run("check", { EUREKA_PASSWORD: secret() });
  assertStatusEnd(
    wrong,
    "refused",
    /check the password of user \S+ \(EUREKA_USERNAME and EUREKA_PASSWORD\)/,
  );
  assert.match(wrong.stdout, /FAILED login: .*401/);
  const path = await lab.run("check", { EUREKA_URL: `${new URL(lab.server.rootUrl).origin}/no` });
  assertStatusEnd(path, "unreachable", /is the path in EUREKA_URL right/);
  assert.match(path.stdout, /FAILED server: .*\/no\/apps is a 404: is the path in EUREKA_URL/);
  assert.doesNotMatch(path.stdout, /permission to write/);
});

test("a callers' list that cannot be read is no reason for offline to fail, nor for check", async () => {
  await using lab = await startLab();
  const port = Number(new URL(`http://${lab.server.addr}`).port);
  const bytes = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  for (const fault of [{ kind: "answer", bytes }, { kind: "silence" }] as const) {
    await using proxy = startFaulty({
      target: port,
      fault: (line) => /instance\/list/.test(line) ? fault : { kind: "pass" },
    });
    const env = { NACOS_SERVER_ADDR: proxy.addr };
    const run = await lab.run("check", env);
    assertStatusEnd(run, "done", /the callers' list was not seen/, /instance\/list.*(403|in time)/);
    assertNothingChanged(run);
    const offline = await lab.run("offline", { ...env, DRAIN_SECONDS: "1" });
    assert.equal(offline.code, run.code, offline.stdout);
    await lab.run("online");
  }
});

test("Eureka: a server that is none, though it answers below the path", async () => {
  for (const [body, said] of [[null, "hello"], ["nothing here", "nothing here"]] as const) {
    await using web = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      ({ url }) =>
        new URL(url).pathname.endsWith("/apps")
          ? new Response("<html>hello</html>")
          : new Response(body, { status: 404 }),
    );
    await using lab = await startEurekaLab({ env: EUREKA_GRACE });
    const run = await lab.run("check", { EUREKA_URL: `http://127.0.0.1:${web.addr.port}/eureka` });
    const line = new RegExp(`FAILED server: .*${said}.*not what a Eureka server answers`);
    assert.match(run.stdout, line);
    assert.doesNotMatch(run.stdout, /ok +(server|permission)/);
  }
});

test("Eureka: a password in the URL stands nowhere", async () => {
  const user = { username: "app", password: secret() };
  await using lab = await startEurekaLab({ user, env: EUREKA_GRACE });
  const { host, pathname } = new URL(lab.server.rootUrl);
  const url = `http://app:${encodeURIComponent(user.password)}@${host}${pathname}`;
  for (const form of ["", " --json", " --yaml"]) {
    const run = await lab.run(`check${form}`, { EUREKA_URL: url });
    assert.equal(run.code, 0, run.stderr);
    if (form === " --yaml") {
      const entry = patchOf(run.stdout).env.find((one) => one["name"] === "EUREKA_URL");
      const secretKeyRef = { name: "YOUR-SECRET", key: "EUREKA_URL" };
      assert.deepEqual(entry, { name: "EUREKA_URL", value: null, valueFrom: { secretKeyRef } });
    }
  }
});

test("Eureka: CSRF protection left on", async () => {
  await using lab = await startEurekaLab({ csrf: true, auth: true, env: EUREKA_GRACE });
  const run = await lab.run("check");
  assertStatusEnd(run, "refused", /it may not be taken out/);
  assert.match(run.stdout, /FAILED permission to write: .*CSRF protection/);
});

test("both registries, of which one is dead", async () => {
  await using lab = await startLab({ env: EUREKA_GRACE });
  await using other = await startEurekaLab({ instance: { ip: lab.instance.ip } });
  const { APPLICATION, APPLICATION_PORT, EUREKA_URL } = other.env;
  const both = { APPLICATION, APPLICATION_PORT, EUREKA_URL };
  const run = await lab.run("check", both);
  assertStatusEnd(run, "done", /nacos: .*in service/, /eureka: .*in service/);
  assert.match(run.stdout, /the drain takes up to 104 s/);
  const dead = { ...both, EUREKA_URL: `http://127.0.0.1:${refusedPort()}/eureka` };
  const half = await lab.run("check", dead);
  assertStatusEnd(half, "unreachable", /nacos: .*in service; eureka: .*Cannot connect/);
});

test("the app's counter is read, its endpoints are not called", async () => {
  await using lab = await startLab();
  const paths: string[] = [];
  await using app = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (req) => {
    paths.push(new URL(req.url).pathname);
    return new Response('http_server_requests_seconds_count{uri="/orders"} 7\n');
  });
  const origin = `http://127.0.0.1:${app.addr.port}`;
  const env = {
    TRAFFIC_URL: `${origin}/metrics`,
    APP_OFFLINE_URL: `${origin}/offline`,
    AFTER_DRAIN_URL: `${origin}/gone?ip={ip}&token=${secret()}`,
    TERMINATION_GRACE_PERIOD_SECONDS: "75",
  };
  const run = await lab.run("check", env);
  assertStatusEnd(
    run,
    "done",
    /ok +TRAFFIC_URL: 0\.0 requests\/s/,
    /\?.*APP_OFFLINE_URL: .*not called/,
  );
  assert.match(run.stdout, /the drain takes up to 60 s, .*, and while requests arrive/);
  assert.match(run.stdout, /\n {2}enough: /);
  assert.deepEqual([...new Set(paths)], ["/metrics"]);
  const other = await lab.run("check", { ...env, TRAFFIC_METRIC: "no_such_metric" });
  assertStatusEnd(other, "done", /WARNING: TRAFFIC_URL tells nothing/, /no no_such_metric/);
});

test("settings and flags that are wrong, and the off switch", async () => {
  await using lab = await startLab();
  const wrong = await lab.run("check", { port: "http" });
  assertStatusEnd(wrong, "settings", /Cannot use port/);
  assert.match(wrong.stdout, /exit code 78 now/);
  assert.equal(wrong.requests.length, 0);
  const flag = await lab.run("check --no-such-flag");
  assertStatusEnd(flag, "usage", /--no-such-flag/);
  const off = await lab.run("check", { SERVICE_OFFLINE_DISABLED: "true", groupName: "OTHER" });
  assertStatusEnd(off, "done", /SERVICE_OFFLINE_DISABLED is set: `offline` does nothing/);
});

test("nothing is set at all", async () => {
  await using lab = await startLab();
  const none = Object.fromEntries(Object.keys(lab.env).map((name) => [name, undefined]));
  const run = await lab.run("check", none);
  assertStatusEnd(run, "settings", /serviceName is not set/, /port is not set/);
  assert.match(run.stdout, /using Nacos, the default/);
  assert.match(run.stdout, /exit code 78 now \(settings: .*\)\n$/);
  assert.equal((await lab.run("check --yaml", none)).stdout, "");
});
