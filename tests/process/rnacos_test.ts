/** The contract of r-nacos on its stand-in. */

import { rnacosContract } from "../contract/rnacos.ts";
import { startEmbeddedRNacos } from "../embedded/rnacos.ts";

for (const options of [{}, { auth: true }, { auth: true, bearer: false }]) {
  const server = startEmbeddedRNacos(options);
  rnacosContract(server.label, server.auth, () => server);
  Deno.test.afterAll(() => server.shutdown());
}
