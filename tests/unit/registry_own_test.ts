import assert from "node:assert/strict";
import { callable, furtherAddresses, isHere, type Surroundings } from "../../src/registry/own.ts";

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
