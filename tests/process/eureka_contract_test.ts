/** The program's contract with Eureka on the stand-ins; `tests/registries` runs it on real servers. */

import { eurekaProgramContract } from "../contract/eureka_program.ts";
import { startEmbeddedEureka } from "../embedded/eureka.ts";
import { sideBySide } from "../support/at_once.ts";

const test = sideBySide("the contract with Eureka");

/** Where there is no login, no request bears one; the other cases cannot tell the difference. */
const WITHOUT_LOGIN = [
  "offline and online change nothing but whether callers get it",
  "the whole shutdown: check, the app told, traffic, the end told, the last line",
  "everything that the pod has registered leaves, and comes back; another pod is never touched",
  "offline writes nothing for what is not there, and names the near miss",
  "status says what callers get and writes nothing",
];

for (const auth of [false, true]) {
  const server = await startEmbeddedEureka({ auth, cacheMs: 1_500 });
  const about = { cacheMs: 1_500, auth, csrf: false };
  eurekaProgramContract(server.label, about, () => server, auth ? undefined : WITHOUT_LOGIN, test);
  Deno.test.afterAll(() => server.shutdown());
}
