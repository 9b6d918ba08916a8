/** The contract of r-nacos on a real one, where there is one. */

import { rnacosContract } from "../contract/rnacos.ts";
import { findRNacos, startRNacos } from "../support/rnacos_server.ts";
import type { RNacosUnderTest } from "../support/rnacos_under_test.ts";

const found = await findRNacos();
if ("missing" in found) {
  console.error(`\nSKIPPED: nothing is tried on a real r-nacos: ${found.missing}\n`);
  Deno.test({ name: `real r-nacos: ${found.missing}`, ignore: true, fn: () => {} });
} else {
  for (const auth of [true, false]) {
    let started: RNacosUnderTest | undefined;
    const name = `real r-nacos auth ${auth ? "on" : "off"}`;
    const outliving = { sanitizeOps: false, sanitizeResources: false };
    Deno.test({
      name: `${name}: starts`,
      ...outliving,
      fn: async () => void (started = await startRNacos(found.path, auth)),
    });
    rnacosContract(name, auth, () => {
      if (started === undefined) throw new Error(`${name} has not started`);
      return started;
    });
    Deno.test({ name: `${name}: ends`, ...outliving, fn: async () => await started?.shutdown() });
  }
}
