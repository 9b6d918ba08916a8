/**
 * What the program relies on where Eureka servers replicate to each other: the same cases on real
 * servers and on stand-ins. Measured on Spring Cloud Netflix 4.3.1 with Netflix eureka 2.0.5.
 */

import assert from "node:assert/strict";
import * as eureka from "../support/eureka_client.ts";
import type { EurekaStatus, EurekaUnderTest } from "../support/eureka_under_test.ts";
import {
  type Add,
  afterRefresh,
  anInstance,
  assertRecord,
  assertTaken,
  withInstances,
} from "./eureka_wire_kit.ts";
import { eventually } from "../support/pause.ts";

type Peers = readonly [EurekaUnderTest, EurekaUnderTest];

/**
 * Registers the cases, which run one after the other.
 * @param restart kills the second server and starts it again, empty, on the same port; returns when
 *   it answers
 */
export function eurekaPeersContract(
  name: string,
  servers: () => Peers,
  restart: () => Promise<void>,
): void {
  const test = (behaviour: string, fn: (peers: Peers, add: Add) => Promise<void>) => {
    Deno.test({
      name: `${name}: ${behaviour}`,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: () => withInstances(servers()[0], (add) => fn(servers(), add)),
    });
  };

  // 520 to 560 ms.
  test("what is written to one reaches the other", async ([a, b], add) => {
    const { instance } = await add(anInstance("peers"));
    await reaches(b, instance, "UP", "UNKNOWN");
    assertTaken(await eureka.setStatus(b, instance, "OUT_OF_SERVICE"));
    await reaches(a, instance, "OUT_OF_SERVICE", "OUT_OF_SERVICE");
    assertTaken(await eureka.clearStatus(a, instance, "UP"));
    await reaches(b, instance, "UP", "UNKNOWN");
    assert.equal(await eureka.deregister(b, instance), true);
    await reaches(a, instance);
  });

  test("a server that starts knows what is UP; the rest is a 404", async ([a, b], add) => {
    const [up, out] = [anInstance("up"), anInstance("out")];
    await add(up);
    await add(out);
    await reaches(b, up, "UP", "UNKNOWN");
    assertTaken(await eureka.setStatus(a, out, "OUT_OF_SERVICE"));
    await reaches(b, out, "OUT_OF_SERVICE", "OUT_OF_SERVICE");
    // It reads the other's list, which is cached, and drops what is not UP.
    await eureka.listAll(a);
    await afterRefresh(a);
    await restart();

    const [, restarted] = servers();
    await reaches(restarted, up, "UP", "UNKNOWN");
    await assertRecord(restarted, out);
    // Nor can it be written to.
    assert.equal((await eureka.setStatus(restarted, out, "OUT_OF_SERVICE")).status, 404);
    // Until the application's next heartbeat at the other, 30 s apart as shipped.
    assert.equal(await eureka.heartbeat(a, out), true);
    await reaches(restarted, out, "OUT_OF_SERVICE", "OUT_OF_SERVICE");
    await assertRecord(a, out, "OUT_OF_SERVICE", "OUT_OF_SERVICE");
  });

  test("a live application that is told 404 registers, and is UP everywhere", async (_, add) => {
    const { instance } = await add(anInstance("moves"));
    await reaches(servers()[1], instance, "UP", "UNKNOWN");
    assertTaken(await eureka.setStatus(servers()[0], instance, "OUT_OF_SERVICE"));
    assert.equal(await eureka.deregister(servers()[1], instance), true);
    await reaches(servers()[0], instance);
    assert.equal(await eureka.heartbeat(servers()[0], instance), false);
    await add(instance);
    for (const server of servers()) await reaches(server, instance, "UP", "UNKNOWN");
  });
}

async function reaches(
  server: EurekaUnderTest,
  place: eureka.TestPlace,
  ...expected: [] | [EurekaStatus, EurekaStatus]
): Promise<void> {
  await eventually(async () => {
    const found = await eureka.instance(server, place);
    assert.deepEqual(found ? [found.status, found.overriddenStatus] : [], expected);
  });
}
