/**
 * The image that the Dockerfile makes, run as its own configuration says: a root with nothing else,
 * read-only, as its user.
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { KIT, KIT_PROGRAM } from "../../scripts/places.ts";
import { filesIn, SUMS } from "../../scripts/tree.ts";
import { runTool } from "../../scripts/tool.ts";
import { assertEnd } from "../support/ends.ts";
import { type HookRun, runHook } from "../support/hook.ts";
import { IMAGE_ARCHIVE, type UnpackedImage, unpackImage } from "../support/image.ts";
import { startLab } from "../support/lab.ts";
import { rootTest } from "./root_test_case.ts";

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

let unpacked: Promise<UnpackedImage> | undefined;

/** Declares a test of the image; where none was built, its name says so. */
function imageTest(name: string, fn: (image: UnpackedImage) => Promise<void>): void {
  const archive = IMAGE_ARCHIVE;
  if (archive === undefined) {
    Deno.test.ignore(`image: ${name} (SKIPPED: no dist/image.oci.tar; deno task image)`, () => {});
    return;
  }
  rootTest(`image: ${name}`, async () => {
    await fn(await (unpacked ??= prepare(archive)));
  });
}

/** Where a runtime mounts something. */
const MOUNTED = ["dev", "proc", "target"];

async function prepare(archive: string): Promise<UnpackedImage> {
  const unpacked = await unpackImage(archive);
  for (const name of MOUNTED) Deno.mkdirSync(`${unpacked.root}/${name}`);
  return unpacked;
}

Deno.test.afterAll(async () => (await unpacked)?.remove());

interface Started {
  readonly env: Readonly<Record<string, string>>;
  readonly launcher: readonly string[];
}

/** What a runtime makes of the image's configuration. @param volume a folder for /target */
function started({ root, image }: UnpackedImage, volume = ""): Started {
  const { Entrypoint = [], Env = [], User = "" } = image.config.config;
  const [uid = ""] = User.split(":");
  return {
    env: Object.fromEntries(Env.map((line) => line.split(/=(.*)/s).slice(0, 2))),
    launcher: [
      ...["/usr/bin/unshare", "--mount", "--", "/bin/sh", file("image.sh")],
      ...[root, volume, "/usr/bin/perl", file("inside.pl"), root, "", uid, "exec"],
      ...[String(Entrypoint.length), ...Entrypoint],
    ],
  };
}

async function run(image: UnpackedImage, args: readonly string[], volume = ""): Promise<HookRun> {
  Deno.env.set("HOOK_BIN", KIT_PROGRAM);
  const { env, launcher } = started(image, volume);
  return await runHook(args, env, { launcher });
}

imageTest("its configuration: user 65532, an entrypoint, no shell", async ({ root, image }) => {
  const { User, Entrypoint, Cmd } = image.config.config;
  assert.equal(User, "65532:65532");
  assert.ok(Entrypoint?.[0]?.startsWith("/"), String(Entrypoint));
  assert.equal(Cmd, undefined);
  const names = [...Deno.readDirSync(root)].map(({ name }) => name).toSorted();
  const own = names.filter((name) => !MOUNTED.includes(name));
  assert.deepEqual(own.filter((name) => name !== "loader"), ["opt", "tmp"]);
  assert.equal((Deno.statSync(`${root}/tmp`).mode ?? 0) & 0o7777, 0o1777);
  await runTool("sha256sum", ["--check", "--quiet", SUMS], { cwd: `${root}${KIT}` });
});

imageTest("--version, and check --help", async (image) => {
  const version = await run(image, ["--version"]);
  assert.equal(version.code, 0, version.stderr);
  assert.match(version.stdout, /^service-offline \d+\.\d+\.\d+\n$/);
  const help = await run(image, ["check", "--help"]);
  assert.equal(help.code, 0, help.stderr);
  assert.match(help.stdout, /--yaml/);
  assert.equal(help.stderr, "");
});

imageTest("args: [install] gives the whole kit to a volume", async (image) => {
  const volume = Deno.makeTempDirSync({ prefix: "service-offline-volume-" });
  try {
    // As an emptyDir is.
    Deno.chmodSync(volume, 0o777);
    assertEnd(await run(image, ["install"], volume), "done", /files of .* are in \/target;/);
    assert.deepEqual(filesIn(volume), filesIn(`${image.root}${KIT}`));
    await runTool("sha256sum", ["--check", "--quiet", SUMS], { cwd: volume });
    assert.equal(Deno.statSync(`${volume}/service-offline`).uid, 65532);
    assert.ok((Deno.statSync(`${volume}/service-offline`).mode ?? 0) & 0o111, "can be started");
  } finally {
    Deno.removeSync(volume, { recursive: true });
  }
});

imageTest("args: [install] without a volume is an error that names it", async (image) => {
  assertEnd(await run(image, ["install"]), "settings", /\/target/);
});

imageTest("offline takes out and drains, online puts back", async (image) => {
  Deno.env.set("HOOK_BIN", KIT_PROGRAM);
  await using lab = await startLab({ auth: true });
  const { env, launcher } = started(image);
  const offline = await lab.run("offline", env, { launcher });
  assertEnd(offline, "done", /is out of service/);
  assert.deepEqual(await lab.callersGet(), []);
  assertEnd(await lab.run("online --strict", env, { launcher }), "done", /is in service/);
  assert.equal((await lab.callersGet()).length, 1);
});

imageTest("args: [sidecar] puts back, waits, and takes out on TERM", async (image) => {
  Deno.env.set("HOOK_BIN", KIT_PROGRAM);
  await using lab = await startLab({});
  const { env, launcher } = started(image);
  await using sidecar = lab.start("sidecar", env, { launcher });
  await sidecar.waitForLine(/waiting for TERM/);
  assert.equal((await lab.callersGet()).length, 1);
  sidecar.kill("SIGTERM");
  assertEnd(await sidecar.done, "done", /is out of service/);
  assert.deepEqual(await lab.callersGet(), []);
});
