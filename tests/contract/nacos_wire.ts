/**
 * What the program relies on in a Nacos server, over HTTP: the same cases on real servers and on the
 * stand-in. Where servers differ the version is named; 2.2.4 and 3.1.0 are measured.
 */

import type { NacosUnderTest } from "../support/nacos_under_test.ts";
import { loginCases, stateCases, tokenCases } from "./nacos_wire_access.ts";
import { checkCases } from "./nacos_wire_check.ts";
import { fullUpdateCases } from "./nacos_wire_full.ts";
import { partialUpdateCases, rememberedFlagCases } from "./nacos_wire_partial.ts";
import { always, type ServerTraits, type Test } from "./nacos_wire_kit.ts";
import { listCases, nameCases, searchCases, singleCases } from "./nacos_wire_reads.ts";

/**
 * Registers the cases that apply to a server. They use names of their own and leave nothing behind
 * that lasts: safe to run again and again on a server that is in use.
 */
export function nacosWireContract(
  name: string,
  about: ServerTraits,
  server: () => NacosUnderTest,
): void {
  const test: Test = (behaviour, fn, only = always) => {
    if (!only(about)) return;
    Deno.test({
      name: `${name}: ${behaviour}`,
      // The client's connections outlive a case, and the stand-in is at their other end.
      sanitizeOps: false,
      sanitizeResources: false,
      fn: () => fn(server()),
    });
  };

  stateCases(test);
  loginCases(test);
  tokenCases(test);
  listCases(test);
  singleCases(test);
  partialUpdateCases(test);
  rememberedFlagCases(test);
  fullUpdateCases(test);
  nameCases(test);
  searchCases(test);
  checkCases(test);
}
