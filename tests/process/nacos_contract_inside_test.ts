/** The program's contract with the Nacos servers that ask and answer as others do, but for a little. */

import { nacosProgramContract } from "../contract/nacos_program.ts";
import { type EmbeddedNacosOptions, startEmbeddedNacos } from "../embedded/nacos.ts";
import { sideBySide } from "../support/at_once.ts";
import { runInside } from "../support/inside.ts";

runInside();
const test = sideBySide("the contract with further Nacos");

/** What is asked otherwise where there is no login; the other cases cannot tell the difference. */
const WITHOUT_LOGIN = [
  "offline and online change nothing but whether callers get it",
  "the whole shutdown: check, the app told, traffic, the end told, the last line",
  "everything that the pod has registered leaves, and comes back; another pod is never touched",
  "offline writes nothing for what is not there, and names the near miss",
  "a user where none is needed does no harm, known or not",
];

const servers: readonly [EmbeddedNacosOptions, names?: readonly string[]][] = [
  [{ generation: "1.4", auth: true }],
  [{ generation: "3.2", auth: true }],
  [{ generation: "2.x", auth: false }, WITHOUT_LOGIN],
  [{ generation: "3.1", auth: false }, WITHOUT_LOGIN],
];

for (const [options, names] of servers) {
  const server = await startEmbeddedNacos({ ...options, pushDelayMs: 50 });
  nacosProgramContract(server.label, server, () => server, names, test);
  Deno.test.afterAll(() => server.shutdown());
}
