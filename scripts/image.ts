/**
 * `deno task image [--base deno]`: the Dockerfile built by buildah or docker, as an OCI archive.
 *
 * @module
 */

import { resolve } from "node:path";
import { handedOver } from "./image_network.ts";
import { readImage } from "./oci_archive.ts";
import { DIST, REPOSITORY } from "./places.ts";
import { FIXED, surroundings } from "./reproducible.ts";
import { VERSION } from "../src/version.ts";

const USAGE = `Cannot build the image by these words:
  --base compiled|deno   on Deno's own base (default), or on the deno of the npm package
  --node-image NAME      instead of node:20-bookworm-slim: a mirror's, for example
  --with buildah|docker  default: whichever works here, buildah first
  --name NAME            in the archive (default localhost/service-offline:${VERSION})
  --out FILE             the archive (default dist/image.oci.tar)`;

interface Options {
  readonly base: string;
  readonly nodeImage: string | undefined;
  readonly with: string | undefined;
  readonly name: string;
  readonly out: string;
}

/** One way to build: a list of commands, the last of which writes the archive. */
type Builder = (options: Options, more: readonly string[]) => readonly (readonly string[])[];

// Both write one time into the image, so that two builds have one digest.
const BUILDERS: Readonly<Record<string, Builder>> = {
  buildah: ({ name, out }, more) => [
    [
      ...["buildah", "bud", "--layers=false", "--identity-label=false", "--tag", name],
      // In a changed root, with no runtime of containers: works in a container too.
      ...["--isolation", "chroot", "--timestamp", String(FIXED), ...more, "."],
    ],
    ["buildah", "push", "--quiet", name, `oci-archive:${out}:${name}`],
  ],
  docker: ({ name, out }, more) => [
    [
      ...["docker", "buildx", "build", "--provenance=false", "--build-arg"],
      ...[`SOURCE_DATE_EPOCH=${FIXED}`, "--output"],
      ...[`type=oci,dest=${out},name=${name},rewrite-timestamp=true`, ...more, "."],
    ],
  ],
};

/** Whether it can be used here; of docker the program alone is often there, without a server. */
async function works(program: string): Promise<boolean> {
  try {
    const args = program === "docker" ? ["buildx", "inspect"] : ["info"];
    const command = new Deno.Command(program, { args, stdout: "null", stderr: "null" });
    return (await command.output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** @throws {Error} there is none */
async function anyBuilder(): Promise<string> {
  for (const program of Object.keys(BUILDERS)) if (await works(program)) return program;
  throw new Error(
    "Cannot build the image: neither buildah nor docker with buildx works here." +
      " On Debian: apt-get install buildah",
  );
}

async function run([program = "", ...args]: readonly string[]): Promise<void> {
  // Its output is shown: it may take minutes, and a failure is said there.
  const { code } = await new Deno.Command(program, { args, cwd: REPOSITORY }).spawn().status;
  if (code === 0) return;
  throw new Error(
    `${program} ${args[0]} ended with ${code}. Where an image cannot be pulled: ` +
      "--node-image YOUR-MIRROR/node:20-bookworm-slim",
  );
}

function parse(args: readonly string[]): Options {
  const options: Record<string, string> = {
    base: "compiled",
    name: `localhost/service-offline:${VERSION}`,
    out: `${DIST}/image.oci.tar`,
  };
  const known = ["base", "node-image", "with", "name", "out"];
  const words = args.flatMap((arg) => arg.split(/(?<=^--[\w-]+)=/));
  for (let i = 0; i < words.length; i += 2) {
    const [flag = "", value] = [words[i]?.replace(/^--/, ""), words[i + 1]];
    if (!known.includes(flag) || !value) throw new Error(USAGE);
    options[flag] = value;
  }
  const { base = "", name = "", out = "", with: builder } = options;
  if (!["compiled", "deno"].includes(base)) throw new Error(USAGE);
  if (builder !== undefined && !BUILDERS[builder]) throw new Error(USAGE);
  return { base, name, out: resolve(out), with: builder, nodeImage: options["node-image"] };
}

/** Builds it; secrets are files for that time. */
async function buildImage(options: Options): Promise<void> {
  const builder = options.with ?? await anyBuilder();
  const folder = Deno.makeTempDirSync();
  try {
    const { buildArgs, npmrc, ca } = handedOver(surroundings());
    const all = [`BASE=${options.base}`, ...buildArgs];
    if (options.nodeImage) all.push(`NODE_IMAGE=${options.nodeImage}`);
    const more = all.flatMap((one) => ["--build-arg", one]);
    if (npmrc !== undefined) {
      Deno.writeTextFileSync(`${folder}/npmrc`, npmrc, { mode: 0o600 });
      more.push("--secret", `id=npmrc,src=${folder}/npmrc`);
    }
    if (ca !== undefined) more.push("--secret", `id=ca,src=${ca}`);
    Deno.mkdirSync(DIST, { recursive: true });
    // buildah adds to an archive that is there.
    await Deno.remove(options.out).catch(() => {});
    for (const command of BUILDERS[builder]?.(options, more) ?? []) await run(command);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

if (import.meta.main) {
  try {
    const options = parse(Deno.args);
    await buildImage(options);
    const { out } = options;
    const { digest, packedSize, config } = await readImage(out);
    console.log(`${out}: ${digest}`);
    console.log(`${(packedSize / 1e6).toFixed(1)} MB to pull, ${config.architecture}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
