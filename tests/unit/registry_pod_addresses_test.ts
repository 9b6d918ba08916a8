import assert from "node:assert/strict";
import {
  callable,
  furtherAddresses,
  isHere,
  type Surroundings,
} from "../../src/registry/pod_addresses.ts";
import { scopeOf } from "../../src/registry/scope.ts";

const at = (...interfaces: (readonly [string, string])[]): Surroundings => ({
  interfaces: interfaces.map(([name, address]) => ({ name, address })),
  isPod: true,
});

const POD = at(
  ["lo", "127.0.0.1"],
  ["eth0", "10.1.2.3"],
  ["eth0", "2001:db8::3"],
  ["eth0", "fe80::3"],
  ["net1", "192.168.5.3"],
);

Deno.test("callable() leaves out what nobody else can call, and what a node has for all its pods", () => {
  assert.deepEqual(callable(POD), ["10.1.2.3", "2001:db8::3", "192.168.5.3"]);
  const node = at(["eth0", "10.0.0.5"], ["docker0", "172.17.0.1"], ["kube-ipvs0", "10.96.0.10"]);
  assert.deepEqual(callable(node), ["10.0.0.5"]);
});

Deno.test("isHere() looks for any of the addresses that are set, in any spelling", () => {
  assert.ok(isHere(undefined, POD));
  assert.ok(isHere("10.1.2.3", POD));
  assert.ok(isHere("10.9.9.9,2001:DB8:0::3", POD));
  assert.ok(!isHere("10.9.9.9", POD));
});

Deno.test("furtherAddresses() adds the interfaces only to what is on one of them", () => {
  assert.deepEqual(furtherAddresses("10.1.2.3", POD), ["2001:db8::3", "192.168.5.3"]);
  assert.deepEqual(furtherAddresses("10.9.9.9", POD), []);
  assert.deepEqual(furtherAddresses("10.9.9.9,2001:db8::9", POD), ["2001:db8::9"]);
  assert.deepEqual(furtherAddresses("2001:db8:0::3,10.1.2.3", POD), ["10.1.2.3", "192.168.5.3"]);
});

const OWN = { reach: "pod", isProven: true, isForeign: false };
const NODE = at(["eth0", "10.0.0.5"], ["cni0", "10.244.0.1"]);
const VM: Surroundings = { ...at(["eth0", "10.0.0.5"]), isPod: false };
const ELSEWHERE: Surroundings = { ...at(["eth0", "10.0.0.99"]), isPod: false };

Deno.test("scopeOf() gives a pod with a network of its own everything", () => {
  assert.deepEqual(scopeOf("10.1.2.3", "podip", undefined, POD), OWN);
  assert.deepEqual(scopeOf(undefined, undefined, undefined, POD), OWN);
  // The name of the variable is of no account where the interface shows it.
  const { reach } = scopeOf("10.1.2.3", "EUREKA_INSTANCE_IP_ADDRESS", undefined, POD);
  assert.equal(reach, "pod");
});

Deno.test("scopeOf() lets the port decide where others may share the address", () => {
  const shared: [podip: string | undefined, variable: string, where: Surroundings, why: RegExp][] =
    [
      ["10.0.0.5", "podip", NODE, /a node's \(cni0\)/],
      ["10.1.2.3", "podip", { ...POD, hostIp: "10.1.2.3" }, /HOST_IP/],
      ["10.0.0.5", "podip", VM, /this is no pod/],
      [undefined, "podip", VM, /this is no pod/],
      ["192.168.1.5", "podip", POD, /no interface of this pod/],
      ["127.0.0.1", "podip", ELSEWHERE, /loopback/],
      ["192.168.1.5", "EUREKA_INSTANCE_IP_ADDRESS", ELSEWHERE, /EUREKA_INSTANCE_IP_ADDRESS may be/],
    ];
  for (const [podip, variable, where, why] of shared) {
    const scope = scopeOf(podip, variable, undefined, where);
    assert.equal(scope.reach, "port", String(why));
    assert.match(scope.why ?? "", why);
  }
});

Deno.test("scopeOf() believes the name podip from elsewhere, but only as far as something confirms it", () => {
  const scope = scopeOf("10.1.2.3", "podip", undefined, ELSEWHERE);
  assert.deepEqual(scope, { ...OWN, isProven: false });
  assert.equal(scopeOf("10.1.2.3", "MY_POD_IP", undefined, ELSEWHERE).reach, "pod");
});

Deno.test("scopeOf() obeys OFFLINE_SCOPE", () => {
  assert.equal(scopeOf("10.1.2.3", "podip", "named", POD).reach, "named");
  assert.deepEqual(scopeOf("10.0.0.5", "podip", "pod", NODE), OWN);
});

Deno.test("scopeOf() takes an address for another's where nothing says that it is a pod's", () => {
  const isForeign = (podip: string, variable: string, where: Surroundings) =>
    scopeOf(podip, variable, undefined, where).isForeign;
  assert.ok(isForeign("orders.shop.svc", "spring.cloud.nacos.discovery.ip", POD));
  assert.ok(isForeign("10.96.0.7", "EUREKA_INSTANCE_IP_ADDRESS", ELSEWHERE));
  assert.ok(isForeign("192.168.1.5", "podip", POD));
  assert.ok(!isForeign("192.168.1.5", "podip", ELSEWHERE));
  assert.ok(!isForeign("10.1.2.3", "spring.cloud.nacos.discovery.ip", POD));
  // A pod's own name stands in its /etc/hosts.
  const named = { ...POD, hosts: (name: string) => name === "web-0.web" ? ["10.1.2.3"] : [] };
  assert.ok(!isForeign("web-0.web", "spring.cloud.nacos.discovery.ip", named));
  assert.ok(isForeign("web", "spring.cloud.nacos.discovery.ip", named));
  assert.equal(
    scopeOf("10.96.0.7", "EUREKA_INSTANCE_IP_ADDRESS", "named", ELSEWHERE).isForeign,
    false,
  );
});
