/** The settings of the Eureka registry. */

import type * as z from "zod/mini";
import { anyText, noPort, password, port, secretFile, text } from "../../settings/kinds.ts";
import { readAddresses, type ServerAddress, WITH_USER } from "../../http/server_address.ts";
import { securePort, serviceUrls } from "./spring.ts";

/** A list of Eureka servers. */
const eurekaAddresses: z.ZodMiniType<ServerAddress[]> = text(
  `http(s)://host:port/eureka, several separated by commas, each ${WITH_USER}`,
  // A semicolon may stand in a password, and Java's clients separate by commas only.
  (input) => readAddresses(input, { separator: /[,\s]+/, defaultPort: 8761, credentials: true }),
);

/** Where Eureka is, who to be there, and what the instance is called in it. */
export const eurekaSettings = {
  eurekaUrl: {
    env: "EUREKA_URL",
    standIns: [serviceUrls],
    help: "Eureka addresses, separated by commas: `http://eureka:8761/eureka`, if needed with " +
      "`user:password@` (not in the flag).",
    schema: eurekaAddresses,
    addresses: true,
  },
  eurekaUsername: {
    env: "EUREKA_USERNAME",
    help:
      "User name for addresses that are written without one. Without it the program does not log in there.",
    schema: anyText,
  },
  eurekaPassword: {
    env: "EUREKA_PASSWORD",
    help: "Password of that user.",
    schema: password,
    secret: true,
  },
  eurekaPasswordFile: secretFile("EUREKA_PASSWORD"),
  application: {
    env: "APPLICATION",
    standIns: ["serviceName", "eureka.instance.appname", "spring.application.name"],
    help: "Name the app registers under at Eureka.",
    schema: anyText,
    required: true,
  },
  applicationPort: {
    env: "APPLICATION_PORT",
    standIns: ["port", securePort, "eureka.instance.non-secure-port", "server.port"],
    help:
      "Port the app registers at Eureka. With 0, one that was free, the instance is found by app " +
      "and address alone, where those are one registration's.",
    schema: port,
    blank: noPort,
    mayBeAny: true,
    required: "instanceId",
  },
  instanceId: {
    env: "instanceId",
    standIns: ["eureka.instance.instance-id"],
    help:
      "Id of the instance at Eureka. Without it the program finds the instance by address and port.",
    schema: anyText,
  },
} as const;
