/**
 * `deno task hook …`: the program from source with exactly the permissions that are compiled in.
 *
 * @module
 */

import { permissionFlags } from "./permissions.ts";

const root = new URL("..", import.meta.url);
const child = new Deno.Command(Deno.execPath(), {
  args: [
    "run",
    ...permissionFlags(),
    `--config=${new URL("deno.json", root).pathname}`,
    new URL("src/main.ts", root).pathname,
    ...Deno.args,
  ],
}).spawn();
// The terminal sends its signals to both; the child decides, this one waits.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    try {
      child.kill(signal);
    } catch {
      // It has ended already.
    }
  });
}
Deno.exit((await child.status).code);
