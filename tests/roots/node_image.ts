/**
 * `deno run -A tests/roots/node_image.ts`: an image to build on where none can be pulled, in
 * buildah's storage. Debian by debootstrap, as node:20-bookworm-slim has it, with this machine's node
 * and npm.
 */

import { runTool } from "../../scripts/tool.ts";
import { debianRoot } from "./root.ts";

const NAME = "localhost/node:20-bookworm-slim";
const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What is there beside Debian's own; of npm the scripts are links into its folder. */
const NODE = ["usr/bin/node", "usr/bin/npm", "usr/bin/npx", "usr/lib/node_modules/npm"];

/** What no Debian image has, or nobody needs. */
const LEFT_OUT = ["./proc/*", "./var/cache/apt/*", "./var/lib/apt/lists/*", "./usr/share/locale/*"];

async function build(folder: string): Promise<void> {
  const archive = `${folder}/root.tar`;
  const without = LEFT_OUT.map((path) => `--exclude=${path}`);
  await runTool("tar", ["-C", await debianRoot(), ...without, "-cf", archive, "."]);
  await runTool("tar", ["-C", "/", "-rf", archive, ...NODE]);
  const buildah = async (...args: string[]) => (await runTool("buildah", args)).trim();
  const container = await buildah("from", "scratch");
  await buildah("add", "--quiet", container, archive, "/");
  await buildah("config", "--env", PATH, "--cmd", "node", container);
  await buildah("commit", "--quiet", "--rm", container, NAME);
}

const folder = Deno.makeTempDirSync({ prefix: "service-offline-node-image-" });
try {
  await build(folder);
  console.log(NAME);
} finally {
  Deno.removeSync(folder, { recursive: true });
}
