/** What the contract of r-nacos needs to know of a server. */

import type { NacosUnderTest } from "./nacos_under_test.ts";

/** A running r-nacos, real or stand-in; its administrator is always known. */
export interface RNacosUnderTest
  extends Pick<NacosUnderTest, "label" | "addr" | "rootUrl" | "auth" | "shutdown"> {
  readonly admin: NonNullable<NacosUnderTest["admin"]>;
}
