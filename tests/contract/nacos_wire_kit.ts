/** What the cases of the contract share. */

import assert from "node:assert/strict";
import * as nacos from "../support/nacos_client.ts";
import type { NacosUnderTest } from "../support/nacos_under_test.ts";
import { eventually } from "../support/pause.ts";

/** What is known of a server before it has started. */
export type ServerTraits = Pick<NacosUnderTest, "generation" | "auth" | "adminAuth">;

/** Registers a case for the servers that `only` lets through, by default for all. */
export type Test = (
  behaviour: string,
  fn: (server: NacosUnderTest) => Promise<void>,
  only?: (about: ServerTraits) => boolean,
) => void;

export function always(): boolean {
  return true;
}

/** For 3.x. */
export function v3(server: ServerTraits): boolean {
  return server.generation.startsWith("3");
}

/** For 1.x and 2.x. */
export function v1(server: ServerTraits): boolean {
  return !v3(server);
}

/** For 2.x and 3.x, which keep what an operator wrote beside what the app registered. */
export function overlaid(server: ServerTraits): boolean {
  return server.generation !== "1.4";
}

/** Whether both naming and admin requests need a token. */
export function guarded(server: ServerTraits): boolean {
  return server.auth && (server.adminAuth || v1(server));
}

/** 2.2.4 can log nobody in while its auth is off. */
export function canLogIn(server: ServerTraits): boolean {
  return server.auth || server.generation !== "2.x";
}

/** 3.x as shipped. */
export function adminOnly(server: ServerTraits): boolean {
  return v3(server) && server.adminAuth && !server.auth;
}

/** Whether no request needs a token. */
export function open(server: ServerTraits): boolean {
  return !server.auth && !(v3(server) && server.adminAuth);
}

/** The administrator, without whom there is nothing to test. */
export function adminOf(server: NacosUnderTest): { username: string; password: string } {
  assert.ok(server.admin, "the contract needs an administrator");
  return server.admin;
}

export function loginPaths(server: NacosUnderTest): string[] {
  return ["/v1/auth/users/login", ...(v3(server) ? ["/v3/auth/user/login"] : [])];
}

export function guardedRead(server: NacosUnderTest): [nacos.Method, string] {
  return ["GET", v3(server) ? "/v3/client/ns/instance/list" : "/v1/ns/instance/list"];
}

export function guardedWrite(server: NacosUnderTest): [nacos.Method, string] {
  return v3(server) ? ["PUT", "/v3/admin/ns/instance/partial"] : ["PATCH", "/v1/ns/instance"];
}

export function recordRequest(
  server: NacosUnderTest,
  instance: nacos.TestInstance,
): [nacos.Method, string, nacos.SendOptions] {
  if (v3(server)) return ["GET", "/v3/admin/ns/instance", { query: where(instance) }];
  const page = { clusterName: "DEFAULT", pageNo: "1", pageSize: "1000" };
  return ["GET", "/v1/ns/catalog/instances", { query: { ...page, ...where(instance) } }];
}

export function searchRequest(
  server: NacosUnderTest,
  extra: Readonly<Record<string, string>>,
): [nacos.Method, string, nacos.SendOptions] {
  const query = { withInstances: "false", pageNo: "1", pageSize: "1000", ...extra };
  return ["GET", v3(server) ? "/v3/admin/ns/service/list" : "/v1/ns/catalog/services", { query }];
}

/**
 * Registers, and returns when answers show it. Mostly that is at once for the first instance of a
 * service; but a look within some milliseconds can make 2.2.4 cache the empty view until the push.
 */
export async function registerAndSee<T extends nacos.TestInstance>(
  server: NacosUnderTest,
  instance: T,
): Promise<T> {
  await nacos.register(server, instance);
  await eventually(async () => assert.ok(await nacos.record(server, instance)));
  return instance;
}

/** The full update, which the program never sends. */
export async function put(
  server: NacosUnderTest,
  instance: nacos.TestInstance,
  changes: Readonly<Record<string, string>>,
  options: nacos.SendOptions = {},
): Promise<nacos.Answer> {
  const form = { ...where(instance), ...changes };
  const path = v3(server) ? "/v3/admin/ns/instance" : "/v1/ns/instance";
  return await nacos.sendAsAdmin(server, "PUT", path, { ...options, form });
}

export function assertOk(server: NacosUnderTest, answer: nacos.Answer): void {
  const { status, body } = answer;
  const good = v3(server) ? '{"code":0,"message":"success","data":"ok"}' : "ok";
  assert.deepEqual({ status, body }, { status: 200, body: good });
}

/** Only where the instance is, not what it is. */
export function where(instance: nacos.TestInstance): Record<string, string> {
  const { weight: _weight, metadata: _metadata, ...place } = instance;
  return Object.fromEntries(Object.entries(place).map(([name, value]) => [name, String(value)]));
}

/** An instance of a service that nobody else has. */
export function anInstance(hint: string): nacos.TestInstance & { serviceName: string } {
  return { serviceName: unique(hint), ip: "10.9.0.1", port: 8080 };
}

export function unique(hint: string): string {
  return `wire-${hint}-${crypto.randomUUID().slice(0, 8)}`;
}

/** For comparison: sorted. */
export function ips(instances: readonly { readonly ip: string }[]): string[] {
  return instances.map(({ ip }) => ip).sort();
}

/** Longer than a server takes to show a change: 490 to 600 ms were measured. */
export function settleMs(server: NacosUnderTest): number {
  return server.real ? 1200 : 40;
}
