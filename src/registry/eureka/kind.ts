import { createEureka } from "./eureka.ts";
import { eurekaSettings } from "./settings.ts";
import type { Kind } from "../kind.ts";

/** Eureka, as the rest of the program knows it. */
export const eureka: Kind = {
  name: "eureka",
  title: "Eureka",
  settings: eurekaSettings,
  address: "eurekaUrl",
  offSwitches: ["eureka.client.register-with-eureka", "eureka.client.enabled"],
  create: createEureka,
};
