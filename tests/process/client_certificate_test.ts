/** Registries that want a certificate of their clients (mutual TLS). */

import assert from "node:assert/strict";
import { sideBySide } from "../support/at_once.ts";
import { assertEnd, assertStatusEnd } from "../support/ends.ts";
import { OUT, startEurekaLab } from "../support/eureka_lab.ts";
import { startLab } from "../support/lab.ts";
import { type Env, FAILS_SOON } from "../support/lab_runs.ts";
import { startMutualTls } from "../support/mutual_tls.ts";
import { tlsFile } from "../support/tls.ts";

const test = sideBySide("client certificates");

const CA = { CA_FILE: tlsFile("ca.pem") };
const PAIR = { CLIENT_CERT_FILE: tlsFile("client.pem"), CLIENT_KEY_FILE: tlsFile("client.key") };

/** A Eureka behind a server that wants a certificate. */
async function startGuarded(env: Env = {}) {
  const lab = await startEurekaLab();
  const guard = await startMutualTls(new URL(lab.server.rootUrl).host);
  const settings = { EUREKA_URL: `${guard.origin}/eureka`, ...CA, ...PAIR, ...env };
  return {
    lab,
    guard,
    run: (args: string, more: Env = {}) => lab.run(args, { ...settings, ...more }),
    async [Symbol.asyncDispose]() {
      await guard[Symbol.asyncDispose]();
      await lab[Symbol.asyncDispose]();
    },
  };
}

test("a Eureka takes the certificate, from two files or from one", async () => {
  await using guarded = await startGuarded({ DRAIN_SECONDS: "1" });
  const check = await guarded.run("check --all");
  assertStatusEnd(check, "done", /certificate: trusted/, /CLIENT_KEY_FILE +\S+client\.key/);
  assertEnd(await guarded.run("offline"), "done", /is out of service/);
  assert.deepEqual(guarded.lab.recorded(), OUT);
  const file = await Deno.makeTempFile();
  const parts = Object.values(PAIR).map((path) => Deno.readTextFileSync(path));
  await Deno.writeTextFile(file, parts.join("\n"));
  const one = { CLIENT_CERT_FILE: file, CLIENT_KEY_FILE: file };
  assertEnd(await guarded.run("online --strict", one), "done");
  assert.deepEqual(guarded.lab.recorded(), ["UP", "UNKNOWN"]);
  assert.ok(guarded.guard.accepted() > 0);
  await Deno.remove(file);
});

test("a Nacos takes it too, on few connections", async () => {
  await using lab = await startLab({ auth: true });
  await using guard = await startMutualTls(lab.server.addr);
  const more = { NACOS_SERVER_ADDR: guard.origin, ...CA, ...PAIR };
  assertEnd(await lab.run("offline", more), "done", /is out of service/);
  assert.deepEqual(lab.server.instances().map(({ enabled }) => enabled), [false]);
  // Kept ones are used again; a request each would be a dozen.
  assert.ok(guard.accepted() <= 5, `${guard.accepted()} connections`);
});

test("no pair, and one that is refused: said in words of their own", async () => {
  await using guarded = await startGuarded(FAILS_SOON);
  const none = { CLIENT_CERT_FILE: undefined, CLIENT_KEY_FILE: undefined };
  const [without, refused, check] = await Promise.all([
    guarded.run("offline", none),
    guarded.run("offline", { CLIENT_CERT_FILE: tlsFile("stranger.pem") }),
    guarded.run("check", none),
  ]);
  const wants = /wants a client certificate: set CLIENT_CERT_FILE and CLIENT_KEY_FILE/;
  assertEnd(without, "unreachable", wants);
  assert.match(check.stdout, /FAILED certificate: .*wants a client certificate: set CLIENT_CERT/);
  const refuses = /perhaps the server refuses the certificate of CLIENT_CERT_FILE/;
  assertEnd(refused, "unreachable", refuses);
  assert.equal(guarded.guard.accepted(), 0);
});

test("half a pair, a file that cannot be read, a wrong pair", async () => {
  await using guarded = await startGuarded(FAILS_SOON);
  const wants = /wants a client certificate/;
  const [half, other] = await Promise.all([
    guarded.run("offline", { CLIENT_KEY_FILE: undefined }),
    guarded.run("offline", { CLIENT_CERT_FILE: undefined }),
  ]);
  assertEnd(half, "unreachable", wants);
  assert.match(half.stdout, /there is a certificate \(CLIENT_CERT_FILE\), but no key \(CLIENT_KEY/);
  assertEnd(other, "unreachable", wants);
  assert.match(
    other.stdout,
    /there is a key \(CLIENT_KEY_FILE\), but no certificate \(CLIENT_CERT/,
  );
  const unreadable = await guarded.run("check", { CLIENT_KEY_FILE: "/nowhere/client.key" });
  assert.match(
    unreadable.stdout,
    /Cannot read .* of environment variable CLIENT_KEY_FILE: No such/,
  );
  const noKey = await guarded.run("check", { CLIENT_KEY_FILE: tlsFile("client.pem") });
  assert.match(noKey.stdout, /Cannot use CLIENT_KEY_FILE .*: expected a private key in PEM form/);
  const wrong = await guarded.run("offline", { CLIENT_KEY_FILE: tlsFile("server.key") });
  const says = /CLIENT_CERT_FILE with CLIENT_KEY_FILE: the key is not that of the certificate/;
  assertEnd(wrong, "settings", says);
});

test("the key itself in CLIENT_KEY_FILE is not shown", async () => {
  await using guarded = await startGuarded(FAILS_SOON);
  const key = Deno.readTextFileSync(tlsFile("client.key"));
  const run = await guarded.run("check --all", { CLIENT_KEY_FILE: key });
  assert.match(run.stdout, /Cannot read the file of environment variable CLIENT_KEY_FILE/);
  const [, line = ""] = key.split("\n");
  assert.ok(!(run.stdout + run.stderr).includes(line.slice(0, 20)));
});

test("over plain http the pair changes nothing", async () => {
  await using lab = await startEurekaLab();
  assertEnd(await lab.run("offline", PAIR), "done");
});
