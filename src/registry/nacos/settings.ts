/** The settings of the Nacos registry. */

import type * as z from "zod/mini";
import { readAddresses, type ServerAddress } from "../../http/server_address.ts";
import { anyText, noPort, oneOf, password, port, secretFile, text } from "../../settings/kinds.ts";

/** Where Nacos is looked for when no registry is named: what stood in the script. */
export const DEFAULT_ADDRESS = "nacos:8848";

/** What to change where a path is not there. */
export const PATH_ADVICE = "is the context path right (NACOS_SERVER_ADDR, NACOS_CONTEXT_PATH)?";

/** A list of Nacos servers. */
export const nacosAddresses: z.ZodMiniType<ServerAddress[]> = text(
  "host:port or http(s)://host:port/path, several separated by commas; user and password go into " +
    "NACOS_USERNAME and NACOS_PASSWORD",
  (input) => readAddresses(input, { separator: /[,;\s]+/, defaultPort: 8848, credentials: false }),
);

/** A context path as it is put behind an origin: empty for the root, else with a slash first. */
export const contextPath: z.ZodMiniType<string> = text(
  "a path such as /nacos, or / for none",
  (input) => {
    const path = input.replace(/^\/*/, "/").replace(/\/+$/, "");
    return /^[\w/.~%-]*$/.test(path) ? path : undefined;
  },
);

const weight = text("a number from 0 to 10000", (input) => {
  const number = Number(input);
  return number >= 0 && number <= 10_000 ? number : undefined;
});

/** A property of Spring Cloud Alibaba. */
const discovery = (name: string) => `spring.cloud.nacos.discovery.${name}`;

/** Where Nacos is, who to be there, and where in it the instance is registered. */
export const nacosSettings = {
  serviceName: {
    env: "serviceName",
    standIns: ["APPLICATION", discovery("service"), "spring.application.name"],
    help: "Name the app registers under.",
    schema: anyText,
    required: true,
  },
  port: {
    env: "port",
    standIns: ["APPLICATION_PORT", discovery("port"), "server.port"],
    help: "Port the app registers.",
    schema: port,
    blank: noPort,
    required: true,
  },
  nacosServerAddr: {
    env: "NACOS_SERVER_ADDR",
    standIns: [discovery("server-addr"), "spring.cloud.nacos.server-addr"],
    help: "Nacos addresses, separated by commas: `host`, `host:port` or an http(s) URL. Where no " +
      `registry is named: \`${DEFAULT_ADDRESS}\`.`,
    schema: nacosAddresses,
    addresses: true,
  },
  nacosContextPath: {
    env: "NACOS_CONTEXT_PATH",
    help: "Context path of addresses that are written without one; `/` for none.",
    schema: contextPath,
    fallback: "/nacos",
    lenient: true,
  },
  nacosUsername: {
    env: "NACOS_USERNAME",
    standIns: [discovery("username"), "spring.cloud.nacos.username"],
    help: "User name. Without it the program does not log in.",
    schema: anyText,
  },
  nacosPassword: {
    env: "NACOS_PASSWORD",
    standIns: [discovery("password"), "spring.cloud.nacos.password"],
    help: "Password of that user.",
    schema: password,
    secret: true,
  },
  nacosPasswordFile: secretFile("NACOS_PASSWORD"),
  nacosAccessKey: {
    env: "NACOS_ACCESS_KEY",
    standIns: [discovery("access-key")],
    help: "Access key of a cloud's Nacos, which has no users: requests are signed with it.",
    schema: anyText,
  },
  nacosSecretKey: {
    env: "NACOS_SECRET_KEY",
    standIns: [discovery("secret-key")],
    help: "The secret of that access key.",
    schema: password,
    secret: true,
  },
  nacosSecretKeyFile: secretFile("NACOS_SECRET_KEY", "secret"),
  nacosApi: {
    env: "NACOS_API",
    help: "`v1` (Nacos 1.x and 2.x) or `v3` (3.x). Without it the program asks the server.",
    schema: oneOf("v1", "v3"),
    lenient: true,
  },
  namespaceId: {
    env: "namespaceId",
    standIns: [discovery("namespace")],
    help: "Id of the Nacos namespace, not its name.",
    schema: anyText,
    fallback: "public",
  },
  groupName: {
    env: "groupName",
    standIns: [discovery("group")],
    help: "Nacos group.",
    schema: anyText,
    fallback: "DEFAULT_GROUP",
  },
  clusterName: {
    env: "clusterName",
    standIns: [discovery("cluster-name")],
    help: "Nacos cluster.",
    schema: anyText,
    fallback: "DEFAULT",
  },
  nacosWeight: {
    env: "NACOS_WEIGHT",
    help:
      "Weight that `online` puts it back with. Without it the one that `offline` found. Nacos " +
      "keeps that for an app that starts again at its address, whatever it registers now.",
    schema: weight,
    lenient: true,
    only: "online",
  },
  metadata: {
    env: "metadata",
    help: "Ignored; accepted because the scripts set it.",
    schema: anyText,
  },
} as const;
