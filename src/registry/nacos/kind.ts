import { createNacos } from "./nacos.ts";
import { nacosSettings } from "./settings.ts";
import type { Kind } from "../kind.ts";

/** Nacos, as the rest of the program knows it. */
export const nacos: Kind = {
  name: "nacos",
  title: "Nacos",
  settings: nacosSettings,
  address: "nacosServerAddr",
  create: createNacos,
};
