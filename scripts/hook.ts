/**
 * `deno task hook …`: the program from source with exactly the permissions that are compiled in.
 *
 * @module
 */

import { fromSource } from "./program.ts";

const [deno, ...args] = fromSource();
const child = new Deno.Command(deno, { args: [...args, ...Deno.args] }).spawn();
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
