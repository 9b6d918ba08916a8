/** Apps as pods have them, with several registrations at Nacos each, and those who call them. */

import { type CallerProcess, startCallerProcess } from "./caller_process.ts";
import { buildJava, type BuiltJava, callerArgs } from "./java_lab.ts";
import type { NacosUnderTest } from "./nacos_under_test.ts";
import type { PodPlace } from "./pod_network.ts";

const PODS = new URL("../registries/callers/pods/", import.meta.url);
const SOURCES = [
  "DubboApp.java",
  "AlibabaApp.java",
  "UserService.java",
  "OrderService.java",
  "../JsonLines.java",
];

/** The web server's port, and the one that it says its gRPC server has. */
export const ALIBABA_PORTS = { web: 8080, grpc: 9090 } as const;
/** Of both interfaces and of the app. */
export const DUBBO_PORT = 20880;
/** Dubbo's names for which registration a call goes by. */
export const DUBBO_WAYS = { interface: "FORCE_INTERFACE", app: "FORCE_APPLICATION" } as const;

/** Fetches and builds all apps of this file; the first time on a machine some 60 MB of jars. */
export function buildPods(): Promise<BuiltJava> {
  return buildJava({
    name: "pods-dubbo-3.3.6-alibaba-2025.0.0.0",
    pom: new URL("pom.xml", PODS),
    sources: SOURCES.map((name) => new URL(name, PODS)),
  });
}

/** A Dubbo provider of two interfaces; their calls answer with its address. */
export function startDubboProvider(server: NacosUnderTest, app: string, pod: PodPlace) {
  return startDubbo(server, app, pod);
}

/** A Dubbo consumer on this machine. */
export function startDubboConsumer(server: NacosUnderTest) {
  return startDubbo(server, "consumer");
}

function startDubbo(server: NacosUnderTest, app: string, pod?: PodPlace): Promise<CallerProcess> {
  const settings = {
    "dubbo.application.name": app,
    "dubbo.application.qos-enable": "false",
    "dubbo.registry.address": `nacos://${server.addr}`,
    // The default: each interface, and the app.
    "dubbo.registry.register-mode": "all",
    "dubbo.protocol.name": "dubbo",
    "dubbo.protocol.port": String(DUBBO_PORT),
  };
  const flags = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  return start(server, "DubboApp", flags, {}, pod);
}

/** A Spring Cloud Alibaba service with a second registration, `{service}-grpc`. */
export function startAlibabaProvider(server: NacosUnderTest, service: string, pod: PodPlace) {
  return startAlibaba(server, pod, {
    "spring.application.name": service,
    "server.port": ALIBABA_PORTS.web,
    "server.tomcat.basedir": "tomcat",
    "grpc.server.port": ALIBABA_PORTS.grpc,
    "spring.cloud.nacos.discovery.weight": 3,
    "spring.cloud.nacos.discovery.metadata.zone": "a=b",
  });
}

/** A Spring Cloud Alibaba consumer on this machine, whose lists are those that were pushed last. */
export function startAlibabaConsumer(server: NacosUnderTest) {
  return startAlibaba(server, undefined, {
    "spring.application.name": "consumer",
    "spring.main.web-application-type": "none",
    "spring.cloud.nacos.discovery.register-enabled": false,
    "spring.cloud.loadbalancer.cache.enabled": false,
  });
}

function startAlibaba(
  server: NacosUnderTest,
  pod: PodPlace | undefined,
  settings: Readonly<Record<string, string | number | boolean>>,
): Promise<CallerProcess> {
  const json = JSON.stringify({
    "spring.main.banner-mode": "off",
    "logging.level.root": "warn",
    // Whole stack traces would push the reason out of the messages.
    "logging.exception-conversion-word": "%ex{1}",
    "spring.cloud.nacos.discovery.server-addr": server.addr,
    ...settings,
  });
  return start(server, "AlibabaApp", [], { SPRING_APPLICATION_JSON: json }, pod);
}

async function start(
  server: NacosUnderTest,
  main: "DubboApp" | "AlibabaApp",
  flags: readonly string[],
  env: Readonly<Record<string, string>>,
  pod: PodPlace | undefined,
): Promise<CallerProcess> {
  const built = await buildPods();
  const [command = "java", ...args] = [...pod?.launcher ?? [], "java"];
  return await startCallerProcess({
    label: `${main} ${pod?.ip ?? "that calls"} at ${server.label}`,
    command,
    args: [...args, ...callerArgs(built, main, 128, flags)],
    env: { ...env, CALLER_ROLE: pod ? "provider" : "consumer", POD_NAME: pod?.ip ?? "" },
    secrets: [],
  });
}
