/** The npm package, as a new user gets it: an empty HOME, a mirror behind a private CA, no clone. */

import assert from "node:assert/strict";
import { VERSION } from "../../src/version.ts";
import { startEmbeddedNacos } from "../embedded/nacos.ts";
import { list, register } from "../support/nacos_client.ts";
import { tlsFile } from "../support/tls.ts";
import { type Ended, makeClone, ownWay } from "./clone.ts";
import { startMirror } from "./mirror.ts";

const TOKEN = "company-token";

type Run = (words: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ended>;

/** What a user of the package has: npm, an `.npmrc` in HOME, and nothing else. */
function userAt(home: string, cwd: string): Run {
  return async ([program = "", ...args], env = {}) => {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      ...{ args, cwd, clearEnv: true },
      env: { PATH: Deno.env.get("PATH") ?? "", HOME: home, COMPANY_TOKEN: TOKEN, ...env },
    }).output();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    return { code, text };
  };
}

/** A Nacos with an instance, and the settings of its hook. */
async function startNacos() {
  const nacos = await startEmbeddedNacos({ generation: "3.1", auth: true });
  const service = { serviceName: "orders", groupName: "DEFAULT_GROUP" };
  await register(nacos, { ...service, ip: "10.244.1.7", port: 8080 });
  const env = {
    ...{ podip: "10.244.1.7", port: "8080", serviceName: "orders", NACOS_SERVER_ADDR: nacos.addr },
    NACOS_USERNAME: nacos.admin?.username ?? "",
    NACOS_PASSWORD: nacos.admin?.password ?? "",
    ...{ TERMINATION_GRACE_PERIOD_SECONDS: "65", OFFLINE_SCOPE: "named" },
  };
  return { nacos, env, callersGet: () => list(nacos, service) };
}

Deno.test("the npm package: check, offline and kit by npx, from a mirror behind a private CA", async () => {
  using clone = await makeClone();
  const cache = await ownWay();
  const packed = await clone.task(["npm"], cache);
  assert.equal(packed.code, 0, packed.text);
  const ours = await clone.task(["kit", "--base", "deno"], cache);
  assert.equal(ours.code, 0, ours.text);

  const [home, app] = [`${clone.folder}/home`, `${clone.folder}/app`];
  Deno.mkdirSync(app);
  const run = userAt(home, app);
  {
    await using mirror = await startMirror([`Bearer ${TOKEN}`]);
    Deno.writeTextFileSync(
      `${home}/.npmrc`,
      `registry=${mirror.url}\n${mirror.key}:_authToken=\${COMPANY_TOKEN}\ncafile=${
        tlsFile("ca.pem")
      }\n`,
    );
    const file = `${clone.project}/dist/service-offline-${VERSION}.tgz`;
    const installed = await run(["npm", "install", "--no-audit", "--no-fund", file]);
    assert.equal(installed.code, 0, installed.text);
    assert.ok(mirror.served.some((path) => path.includes("@deno/linux-")), mirror.served.join(" "));
  }
  // The mirror is gone: nothing of what follows downloads anything.
  const npx = (words: string, env = {}) =>
    run(["npx", "service-offline", ...words.split(" ")], env);
  assert.equal((await npx("--version")).text.trim(), `service-offline ${VERSION}`);
  const help = await npx("--help");
  assert.equal(help.code, 0, help.text);
  assert.match(help.text, /NACOS_SERVER_ADDR[\s\S]*Of the npm package alone:\n {2}kit /);
  assert.match((await npx("check --help")).text, /--yaml/);
  assert.equal((await npx("check --no-such-flag")).code, 64, "exit codes come through");

  const { nacos, env, callersGet } = await startNacos();
  const checked = await npx("check", env);
  assert.equal(checked.code, 0, checked.text);
  assert.match(checked.text, /orders/);
  assert.equal((await callersGet()).length, 1, "a dry run");
  // A runtime's own settings in the shell of who calls it.
  const foreign = { NODE_OPTIONS: "--no-deprecation", DENO_V8_FLAGS: "--no-such-flag" };
  const offline = await npx("offline", { ...env, ...foreign, DRAIN_SECONDS: "0" });
  assert.equal(offline.code, 0, offline.text);
  assert.deepEqual(await callersGet(), []);
  await nacos.shutdown();

  const kit = await npx("kit --out image/opt");
  assert.equal(kit.code, 0, kit.text);
  assert.match(kit.text, /It was run here/);
  const sums = (opt: string) => Deno.readTextFileSync(`${opt}/service-offline/SHA256SUMS`);
  assert.equal(sums(`${app}/image/opt`), sums(`${clone.project}/dist/opt`));
});

Deno.test("a sidecar of the npm package gets its TERM, and ends as the program does", async () => {
  using clone = await makeClone();
  const packed = await clone.task(["npm"], await ownWay());
  assert.equal(packed.code, 0, packed.text);
  // As npm lays it out, with this deno.
  const [root, modules] = [`${clone.project}/dist/npm`, `${clone.project}/dist/node_modules`];
  const arch = Deno.build.arch === "x86_64" ? "x64" : "arm64";
  const platform = `${modules}/@deno/linux-${arch}-glibc`;
  for (const folder of [`${modules}/deno`, platform]) {
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(`${folder}/package.json`, "{}");
  }
  Deno.symlinkSync(Deno.execPath(), `${platform}/deno`);

  const { nacos, env, callersGet } = await startNacos();
  const child = new Deno.Command("node", {
    args: [`${root}/bin/service-offline.cjs`, "sidecar"],
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", ...env, DRAIN_SECONDS: "0" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const log: string[] = [];
  const errors = child.stderr.cancel();
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    log.push(text);
    if (text.includes("waiting for TERM")) child.kill("SIGTERM");
  }
  await errors;
  const { code, signal } = await child.status;
  assert.equal(signal, null, log.join(""));
  assert.equal(code, 0, log.join(""));
  assert.deepEqual(await callersGet(), []);
  await nacos.shutdown();
});
