/**
 * The images of the pods, without a registry of images: that of the kit as `deno task image` has built
 * it, and those of apps made of folders, each a few layers, of which the /opt of that image is one.
 */

import { runTool } from "../../scripts/tool.ts";
import { BUSYBOX } from "../roots/root.ts";
import { IMAGE_ARCHIVE, unpackImage } from "../support/image.ts";
import type { Cluster } from "./cluster.ts";

export interface Images {
  /** The app and a shell, without the kit: an image that is left as it is. */
  readonly app: string;
  /** The same with the kit: `COPY --from=service-offline /opt /opt`. */
  readonly appWithKit: string;
  /** The app and the kit, no shell. */
  readonly appWithoutShell: string;
  /** What the Dockerfile makes, as it was built. */
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

/** Builds the images and gives them to the cluster, unless it has them. */
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
    await cluster.importImages(await archiveOf(work, recipes));
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
  if (IMAGE_ARCHIVE === undefined) {
    throw new Error("There is no dist/image.oci.tar: `deno task image --base deno`, or KIT_IMAGE");
  }
  const { root, image, remove } = await unpackImage(IMAGE_ARCHIVE);
  const execForm: readonly string[] = JSON.parse(
    Deno.readTextFileSync(`${root}/opt/service-offline/exec-form.json`),
  );
  const kit = await layer(work, "kit", (own) => runTool("cp", ["-a", `${root}/opt`, own]));
  remove();
  const app = await layer(work, "app", buildApp);
  const shell = await layer(work, "shell", makeShell);
  const base = await layer(work, "base", makeBase);
  return { execForm, kit, app, shell, base, archive: IMAGE_ARCHIVE, image };
}

async function provide(cluster: Cluster, work: string): Promise<Images> {
  const { execForm, kit, app, shell, base, archive, image } = await makeLayers(work);
  const recipe = (
    name: string,
    layers: readonly Layer[],
    env: readonly string[] = [],
  ): Recipe => {
    const tag = layers.map(({ digest }) => digest.slice(0, 12)).join("-");
    return { name: `${NAME}/${name}:${tag}`, layers, env: [PATH, ...env], entrypoint: ["/app"] };
  };
  const recipes = {
    app: recipe("app", [base, shell, app]),
    appWithKit: recipe("app-with-kit", [base, shell, app, kit]),
    appWithoutShell: recipe("app-without-shell", [base, app, kit], image.config.config.Env),
  };
  const names = Object.values(recipes).map(({ name }) => name);
  const kitName = `${NAME}/kit:${image.digest.replace("sha256:", "").slice(0, 12)}`;
  if (!await isThere(cluster, [...names, kitName])) {
    await cluster.importImages(await archiveOf(work, Object.values(recipes)));
    await cluster.importImages(await named(work, archive, kitName));
  }
  return {
    app: recipes.app.name,
    appWithKit: recipes.appWithKit.name,
    appWithoutShell: recipes.appWithoutShell.name,
    kit: kitName,
    execForm,
  };
}

/** A copy of an archive whose image has another name: that is no part of its digest. */
async function named(work: string, archive: string, name: string): Promise<string> {
  const folder = `${work}/renamed`;
  Deno.mkdirSync(folder);
  await runTool("tar", ["-C", folder, "-xf", archive]);
  const index = JSON.parse(Deno.readTextFileSync(`${folder}/index.json`));
  index.manifests[0].annotations = { "org.opencontainers.image.ref.name": name };
  Deno.writeTextFileSync(`${folder}/index.json`, JSON.stringify(index));
  const path = `${work}/renamed.tar`;
  await runTool("tar", ["-C", folder, "-cf", path, "."]);
  return path;
}

/** A node lists its images with some seconds of delay; an import too many is no harm. */
async function isThere(cluster: Cluster, names: readonly string[]): Promise<boolean> {
  const nodes = JSON.parse(await cluster.kubectl("get", "nodes", "-o", "json"));
  return nodes.items.every((node: { status: { images?: { names: string[] }[] } }) => {
    const has = node.status.images?.flatMap((image) => image.names) ?? [];
    return names.every((name) => has.includes(name));
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
async function archiveOf(work: string, recipes: readonly Recipe[]): Promise<string> {
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

function inherited(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
