/** The program's contract with Nacos on the stand-ins; `tests/registries` runs it on real servers. */

import { nacosProgramContract } from "../contract/nacos_program.ts";
import { type EmbeddedNacosOptions, startEmbeddedNacos } from "../embedded/nacos.ts";

/** What is asked otherwise where there is no login; the other cases cannot tell the difference. */
const WITHOUT_LOGIN = [
  "offline and online change nothing but whether callers get it",
  "the whole shutdown: check, the app told, traffic, the end told, the last line",
  "everything that the pod has registered leaves, and comes back; another pod is never touched",
  "offline writes nothing for what is not there, and names the near miss",
  "a user where none is needed does no harm, known or not",
];

async function contractWith(options: EmbeddedNacosOptions, names?: readonly string[]) {
  const server = await startEmbeddedNacos({ ...options, pushDelayMs: 50 });
  nacosProgramContract(server.label, server, () => server, names);
  Deno.test.afterAll(() => server.shutdown());
}

for (const generation of ["1.4", "2.x", "3.1", "3.2"] as const) {
  await contractWith({ generation, auth: true });
}
for (const generation of ["2.x", "3.1"] as const) {
  await contractWith({ generation, auth: false }, WITHOUT_LOGIN);
}
