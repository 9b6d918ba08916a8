import assert from "node:assert/strict";
import { isTakenOut } from "../../src/registry/eureka/intent.ts";
import { scopeOf } from "../../src/registry/scope.ts";

const ETH = { name: "eth0", address: "10.0.0.7" };

Deno.test("scopeOf() in a pod on its node's network leaves it to the port", () => {
  const pod = { interfaces: [ETH], isPod: true };
  assert.equal(scopeOf("10.0.0.7", undefined, undefined, pod).reach, "pod");
  const onNode = { ...pod, isHostNetwork: true };
  assert.equal(scopeOf("10.0.0.7", undefined, undefined, onNode).reach, "port");
  for (const name of ["eni0a1b", "azv12", "gke34", "tun0", "ovn0", "cbr0", "ipvl_1"]) {
    const interfaces = [ETH, { name, address: "10.0.9.9" }];
    assert.equal(scopeOf("10.0.0.7", undefined, undefined, { ...pod, interfaces }).reach, "port");
  }
});

Deno.test("isTakenOut() wants the mark, and that it is kept back", () => {
  const about = { override: "OUT_OF_SERVICE", status: "OUT_OF_SERVICE", dirtyAt: 1024 * 9 + 367 };
  assert.equal(isTakenOut(about as never), true);
  assert.equal(isTakenOut({ ...about, dirtyAt: 1024 * 9 } as never), false);
});
