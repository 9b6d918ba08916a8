/**
 * The images of the pods, made of folders, with no registry of images: each a few layers, of which
 * the kit is one.
 */

import { buildKit } from "../../scripts/build_kit.ts";
import { kitPlan } from "../../scripts/kit.ts";
import { REPOSITORY } from "../../scripts/places.ts";
import { runTool } from "../../scripts/tool.ts";
import { BUSYBOX } from "../roots/root.ts";
import type { Cluster } from "./cluster.ts";

export interface Images {
  /** The app and a shell, without the kit: an image that is left as it is. */
  readonly app: string;
  /** The same with the kit as its /opt: `COPY opt /opt`. */
  readonly appWithKit: string;
  /** The app and the kit, no shell. */
  readonly appWithoutShell: string;
  /** Nothing but the kit, not even a folder /tmp: what the Dockerfile makes. */
  readonly kit: string;
  /** The command of the kit where there is no shell. */
  readonly execForm: readonly string[];
}

/** What a user's Dockerfile makes of {@linkcode Images.appWithKit}. */
interface OwnImage {
  /** Names it; an earlier one of this name is replaced. */
  readonly name: string;
  /** Its `ENV`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further files by path, such as `/opt/x.sh`, also over those of the kit. */
  readonly files?: Readonly<Record<string, string>>;
  readonly fill?: (root: string) => Promise<void>;
  readonly entrypoint: readonly string[];
}

const KIT_ENV = dockerfileEnv(Deno.readTextFileSync(`${REPOSITORY}/Dockerfile`));
const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const NAME = "localhost/service-offline-test";

interface Recipe {
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
}

interface Layer {
  readonly file: string;
  /** SHA-256 of the tar, hexadecimal. */
  readonly digest: string;
}

/**
 * Builds the images and gives them to the cluster, unless it has them. The kit is the one in
 * `KIT_DIR`, else one is built on this `deno`.
 */
export function provideImages(cluster: Cluster): Promise<Images> {
  return inWorkFolder((work) => provide(cluster, work));
}

/** Builds a user's images and gives them to the cluster. */
export function provideOwnImages(
  cluster: Cluster,
  images: readonly OwnImage[],
): Promise<string[]> {
  return inWorkFolder(async (work) => {
    const { base, shell, app, kit } = await makeLayers(work);
    const recipes: Recipe[] = [];
    for (const { name, env = {}, files = {}, fill, entrypoint } of images) {
      const own = await layer(work, `own-${name}`, async (root) => {
        writeFiles(root, files);
        await fill?.(root);
      });
      recipes.push({
        name: `${NAME}/own-${name}:latest`,
        layers: [base, shell, app, kit, own],
        env: [PATH, ...Object.entries(env).map(([key, value]) => `${key}=${value}`)],
        entrypoint,
      });
    }
    await cluster.importImages(await archive(work, recipes));
    return recipes.map(({ name }) => name);
  });
}

async function inWorkFolder<T>(make: (work: string) => Promise<T>): Promise<T> {
  const work = Deno.makeTempDirSync({ prefix: "service-offline-images-" });
  try {
    return await make(work);
  } finally {
    Deno.removeSync(work, { recursive: true });
  }
}

async function makeLayers(work: string) {
  let opt = Deno.env.get("KIT_DIR");
  if (!opt) await buildKit(kitPlan(["--base", "deno", "--out", opt = `${work}/opt`]));
  const execForm: readonly string[] = JSON.parse(
    Deno.readTextFileSync(`${opt}/service-offline/exec-form.json`),
  );
  const kit = await layer(work, "kit", (root) => runTool("cp", ["-a", opt, `${root}/opt`]));
  const app = await layer(work, "app", buildApp);
  const shell = await layer(work, "shell", makeShell);
  const base = await layer(work, "base", makeBase);
  return { execForm, kit, app, shell, base };
}

async function provide(cluster: Cluster, work: string): Promise<Images> {
  const { execForm, kit, app, shell, base } = await makeLayers(work);
  const recipe = (
    name: string,
    layers: readonly Layer[],
    entrypoint: readonly string[],
    env: readonly string[] = [],
  ): Recipe => {
    const tag = layers.map(({ digest }) => digest.slice(0, 12)).join("-");
    return { name: `${NAME}/${name}:${tag}`, layers, env: [PATH, ...env], entrypoint };
  };
  const recipes = {
    app: recipe("app", [base, shell, app], ["/app"]),
    appWithKit: recipe("app-with-kit", [base, shell, app, kit], ["/app"]),
    appWithoutShell: recipe("app-without-shell", [base, app, kit], ["/app"], KIT_ENV),
    kit: recipe("kit", [kit], [...execForm], KIT_ENV),
  };
  const all = Object.values(recipes);
  if (!await isThere(cluster, all)) await cluster.importImages(await archive(work, all));
  return {
    app: recipes.app.name,
    appWithKit: recipes.appWithKit.name,
    appWithoutShell: recipes.appWithoutShell.name,
    kit: recipes.kit.name,
    execForm,
  };
}

/** A node lists its images with some seconds of delay; an import too many is no harm. */
async function isThere(cluster: Cluster, recipes: readonly Recipe[]): Promise<boolean> {
  const nodes = JSON.parse(await cluster.kubectl("get", "nodes", "-o", "json"));
  return nodes.items.every((node: { status: { images?: { names: string[] }[] } }) => {
    const names = node.status.images?.flatMap((image) => image.names) ?? [];
    return recipes.every(({ name }) => names.includes(name));
  });
}

async function buildApp(root: string): Promise<void> {
  const cwd = new URL("./app", import.meta.url).pathname;
  const args = ["build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", `${root}/app`];
  await runTool("go", [...args, "."], {
    cwd,
    env: { CGO_ENABLED: "0", GOFLAGS: "", ...inherited("HOME", "GOCACHE", "GOPATH") },
    ifMissing: "The app of the tests is built with Go 1.19 or later",
  });
}

async function makeShell(root: string): Promise<void> {
  Deno.mkdirSync(`${root}/bin`);
  Deno.copyFileSync(BUSYBOX, `${root}/bin/busybox`);
  for (const name of (await runTool(BUSYBOX, ["--list"])).trim().split("\n")) {
    if (name !== "busybox") Deno.symlinkSync("busybox", `${root}/bin/${name}`);
  }
}

/** What even an image without anything has. */
function makeBase(root: string): void {
  Deno.mkdirSync(`${root}/etc`);
  Deno.writeTextFileSync(`${root}/etc/passwd`, "root:x:0:0:root:/:/bin/sh\n");
  Deno.mkdirSync(`${root}/tmp`);
  Deno.chmodSync(`${root}/tmp`, 0o1777);
}

function writeFiles(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    Deno.mkdirSync(`${root}${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    Deno.writeTextFileSync(`${root}${path}`, text);
  }
}

async function layer(
  work: string,
  name: string,
  fill: (root: string) => unknown,
): Promise<Layer> {
  const root = `${work}/${name}`;
  Deno.mkdirSync(root);
  await fill(root);
  const file = `${name}.tar`;
  const fixed = ["--sort=name", "--mtime=@0", "--numeric-owner", "--owner=0", "--group=0"];
  await runTool("tar", [...fixed, "-C", root, "-cf", `${work}/${file}`, "."]);
  return { file, digest: (await runTool("sha256sum", [`${work}/${file}`])).slice(0, 64) };
}

/** A docker archive, as `docker save` writes it. */
async function archive(work: string, recipes: readonly Recipe[]): Promise<string> {
  const manifest = recipes.map(({ name, layers, env, entrypoint }, i) => {
    const config = `config-${i}.json`;
    const text = JSON.stringify({
      architecture: Deno.build.arch === "x86_64" ? "amd64" : "arm64",
      os: "linux",
      created: "1980-01-01T00:00:00Z",
      config: { Env: env, Entrypoint: entrypoint, WorkingDir: "/" },
      rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => `sha256:${digest}`) },
      history: layers.map(({ file }) => ({ created: "1980-01-01T00:00:00Z", created_by: file })),
    });
    Deno.writeTextFileSync(`${work}/${config}`, text);
    return { Config: config, RepoTags: [name], Layers: layers.map(({ file }) => file) };
  });
  Deno.writeTextFileSync(`${work}/manifest.json`, JSON.stringify(manifest));
  const files = manifest.flatMap(({ Config, Layers }) => [Config, ...Layers]);
  const path = `${work}/images.tar`;
  await runTool("tar", ["-C", work, "-cf", path, "manifest.json", ...new Set(files)]);
  return path;
}

function dockerfileEnv(dockerfile: string): string[] {
  const line = dockerfile.split("\n").findLast((line) => line.startsWith("ENV DENO_"));
  if (!line) throw new Error("The Dockerfile sets no variable of Deno");
  return line.split(" ").slice(1);
}

function inherited(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
