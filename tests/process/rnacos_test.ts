/** The contract of r-nacos on its stand-in. */

import { rnacosContract } from "../contract/rnacos.ts";
import { startEmbeddedRNacos } from "../embedded/rnacos.ts";
import { sideBySide } from "../support/at_once.ts";

const test = sideBySide("the contract of r-nacos");

for (const options of [{}, { auth: true }, { auth: true, bearer: false }]) {
  const server = startEmbeddedRNacos(options);
  rnacosContract(server.label, server.auth, () => server, test);
  Deno.test.afterAll(() => server.shutdown());
}
