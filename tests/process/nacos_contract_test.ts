/** The program's contract with Nacos on the stand-ins; `tests/registries` runs it on real servers. */

import { nacosProgramContract } from "../contract/nacos_program.ts";
import { startEmbeddedNacos } from "../embedded/nacos.ts";
import { sideBySide } from "../support/at_once.ts";

const test = sideBySide("the contract with Nacos");

for (const generation of ["2.x", "3.1"] as const) {
  const server = await startEmbeddedNacos({ generation, auth: true, pushDelayMs: 50 });
  nacosProgramContract(server.label, server, () => server, undefined, test);
  Deno.test.afterAll(() => server.shutdown());
}
