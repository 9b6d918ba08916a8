/** The program's contract with Eureka on the stand-ins; `tests/registries` runs it on real servers. */

import { eurekaProgramContract } from "../contract/eureka_program.ts";
import { startEmbeddedEureka } from "../embedded/eureka.ts";

for (const auth of [false, true]) {
  const server = await startEmbeddedEureka({ auth, cacheMs: 1_500 });
  eurekaProgramContract(server.label, { cacheMs: 1_500, auth, csrf: false }, () => server);
  Deno.test.afterAll(() => server.shutdown());
}
