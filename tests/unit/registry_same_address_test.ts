import assert from "node:assert/strict";
import { sameAddress } from "../../src/registry/same_address.ts";

Deno.test("sameAddress() knows the spellings of an IPv6 address", () => {
  for (const spelling of ["fd00::1", "FD00::1", "fd00:0:0:0:0:0:0:1", "fd00:0000::0001"]) {
    assert.ok(sameAddress("fd00::1", spelling), spelling);
    assert.ok(sameAddress(spelling, "fd00::1"), spelling);
  }
  assert.ok(!sameAddress("fd00::1", "fd00::2"));
  assert.ok(!sameAddress("fd00::1", "fd00::1:0"));
});

Deno.test("sameAddress() takes IPv4 addresses and names as they are written, in any case", () => {
  assert.ok(sameAddress("10.0.0.7", "10.0.0.7"));
  assert.ok(sameAddress("Orders-1.Shop", "orders-1.shop"));
  assert.ok(!sameAddress("10.0.0.7", "10.0.0.70"));
  assert.ok(!sameAddress("", "10.0.0.7"));
});

Deno.test("sameAddress() compares what is no address as text", () => {
  assert.ok(sameAddress("fe80::1%eth0", "FE80::1%eth0"));
  assert.ok(!sameAddress("fe80::1%eth0", "fe80::1%eth1"));
  assert.ok(!sameAddress("10.0.0.7:8080", "10.0.0.7"));
});

Deno.test("sameAddress() knows brackets, IPv4 in IPv6, and zones where they say nothing", () => {
  for (
    const spelling of [
      "[2001:db8:1:0:0:0:0:10]",
      "2001:db8:1:0:0:0:0:10%eth0",
      "[2001:DB8:1::10%2]",
    ]
  ) {
    assert.ok(sameAddress("2001:db8:1::10", spelling), spelling);
  }
  assert.ok(sameAddress("::ffff:10.1.2.3", "10.1.2.3"));
  assert.ok(sameAddress("[::ffff:a01:203]", "10.1.2.3"));
  assert.ok(!sameAddress("::ffff:10.1.2.3", "10.1.2.30"));
  assert.ok(!sameAddress("[2001:db8:1::10]", "[2001:db8:1::11]"));
  assert.ok(sameAddress("[fe80::1%eth0]", "fe80:0::1%ETH0"));
  assert.ok(!sameAddress("[fe80::1%eth0]", "[fe80::1%net1]"));
});
