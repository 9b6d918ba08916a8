/**
 * `deno run -A tests/roots/node_image.ts`: an image to build on where none can be pulled, in
 * buildah's storage. Debian by debootstrap with this machine's node and npm, in place of
 * node:20-bookworm-slim.
 */

import { runTool } from "../../scripts/tool.ts";
import { debianRoot } from "./root.ts";

const NAME = "localhost/node:bookworm-slim";
const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What no Debian image has, or nobody needs. */
const LEFT_OUT = ["./proc/*", "./var/cache/apt/*", "./var/lib/apt/lists/*", "./usr/share/locale/*"];

/** Lays out node, npm and npx, wherever this machine has them, as Debian would. */
async function layOutNode(root: string): Promise<void> {
  const [node = "", modules = ""] = await Promise.all([
    runTool("node", ["-p", "process.execPath"]),
    runTool("npm", ["root", "--global"]),
  ]);
  for (const folder of ["bin", "lib/node_modules"]) {
    Deno.mkdirSync(`${root}/usr/${folder}`, { recursive: true });
  }
  await runTool("cp", ["-L", node.trim(), `${root}/usr/bin/node`]);
  await runTool("cp", ["-a", `${modules.trim()}/npm`, `${root}/usr/lib/node_modules/npm`]);
  for (const name of ["npm", "npx"]) {
    Deno.symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, `${root}/usr/bin/${name}`);
  }
}

async function build(folder: string): Promise<void> {
  const archive = `${folder}/root.tar`;
  const without = LEFT_OUT.map((path) => `--exclude=${path}`);
  await runTool("tar", ["-C", await debianRoot(), ...without, "-cf", archive, "."]);
  await layOutNode(`${folder}/node`);
  const owned = ["--owner=0", "--group=0", "--numeric-owner"];
  await runTool("tar", ["-C", `${folder}/node`, ...owned, "-rf", archive, "usr"]);
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
