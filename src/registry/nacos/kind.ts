import { createNacos } from "./nacos.ts";
import { nacosSettings } from "./settings.ts";
import type { Kind } from "../kind.ts";

/** Nacos, as the rest of the program knows it. */
export const nacos: Kind = {
  name: "nacos",
  title: "Nacos",
  settings: nacosSettings,
  address: "nacosServerAddr",
  offSwitches: [
    "spring.cloud.nacos.discovery.register-enabled",
    "spring.cloud.nacos.discovery.enabled",
    "spring.cloud.service-registry.auto-registration.enabled",
  ],
  create: createNacos,
};
