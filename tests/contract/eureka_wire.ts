/**
 * What the program relies on in a Eureka server, over HTTP: the same cases on real servers and on
 * the stand-in. Measured on Spring Cloud Netflix 4.3.1 with Netflix eureka 2.0.5 (Boot 3.5.16).
 */

import { atOnce } from "../support/at_once.ts";
import type { EurekaUnderTest } from "../support/eureka_under_test.ts";
import { accessCases } from "./eureka_wire_access.ts";
import { cacheCases } from "./eureka_wire_cache.ts";
import { open, type ServerTraits, type Test, withInstances, writable } from "./eureka_wire_kit.ts";
import { pathCases } from "./eureka_wire_paths.ts";
import { shapeCases } from "./eureka_wire_shapes.ts";
import { checkCases, lifetimeCases, overrideCases } from "./eureka_wire_status.ts";

/**
 * Registers the cases that apply to a server, as one test whose steps run side by side: those about
 * the cache wait for its refreshes. They use names of their own, and leave nothing behind that lasts
 * but ids that cannot be addressed, which a server keeps that is in self-preservation.
 */
export function eurekaWireContract(
  name: string,
  about: ServerTraits,
  server: () => EurekaUnderTest,
): void {
  const cases: Record<string, () => Promise<void>> = {};
  const test: Test = (behaviour, fn, only = writable) => {
    if (only(about)) cases[behaviour] = () => withInstances(server(), (add) => fn(server(), add));
  };

  accessCases(test);
  cacheCases((behaviour, fn) => test(behaviour, fn, open));
  pathCases(test);
  shapeCases(test);
  overrideCases(test);
  lifetimeCases(test);
  checkCases(test);

  Deno.test({
    name: `${name}: what goes over the wire`,
    // The client's connections outlive a case, and the stand-in is at their other end.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: (t) => atOnce(t, cases),
  });
}
