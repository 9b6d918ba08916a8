/**
 * `npx service-offline kit`: the kit out of the npm package, which has the program as one file
 * already. Bundled into the package by npm_package.ts.
 *
 * @module
 */

import { runKit } from "./kit.ts";
import { REPOSITORY } from "./places.ts";

if (import.meta.main) {
  const code = await runKit(Deno.args, {
    base: "deno",
    out: "opt",
    writeProgram: (to) => Deno.copyFile(`${REPOSITORY}/service-offline.mjs`, to),
  });
  Deno.exit(code);
}
