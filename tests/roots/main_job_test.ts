/** The main job in foreign images, as a pod would run it. */

import assert from "node:assert/strict";
import { assertEnd } from "../support/ends.ts";
import { OUT, startEurekaLab, UP } from "../support/eureka_lab.ts";
import { startLab } from "../support/lab.ts";
import { type Container, startContainer } from "./container.ts";
import { hostileIn } from "./hostile.ts";
import { startResolver } from "./resolver.ts";
import { ROOTS } from "./root.ts";
import { rootTest } from "./root_test_case.ts";

function assertEnoughMemory({ memory }: Container): void {
  assert.equal(memory.oomKills(), 0, "the kernel killed a process for want of memory");
  console.log(
    `  at most ${(memory.peakBytes() / 2 ** 20).toFixed(0)} of 64 MiB, page cache included`,
  );
}

for (const root of ROOTS) {
  rootTest(`${root}: offline and online, the registry named in /etc/hosts`, async () => {
    await using lab = await startLab({ auth: true });
    const hosts = "127.0.0.1 localhost\n127.0.0.1 nacos\n";
    await using container = await startContainer({ root, hosts });
    const { launcher } = container;
    const env = { ...hostileIn(root), NACOS_SERVER_ADDR: `nacos:${lab.server.port}` };

    const offline = await lab.run("offline", env, { launcher });
    assertEnd(offline, "done", /is out of service/);
    assert.deepEqual(await lab.callersGet(), []);

    const online = await lab.run("online --strict", env, { launcher });
    assertEnd(online, "done", /is in service/);
    assert.equal((await lab.listed())?.weight, lab.instance.weight);
    assertEnoughMemory(container);
    console.log(`  offline ${offline.ms.toFixed(0)} ms, online ${online.ms.toFixed(0)} ms`);
  });

  rootTest(`${root}: offline and online, the registry named by the cluster's DNS`, async () => {
    await using lab = await startLab();
    await using resolver = await startResolver({ "nacos.kevin.svc.cluster.local": "127.0.0.1" });
    await using container = await startContainer({ root, resolvConf: resolver.resolvConf });
    const { launcher } = container;
    const env = { ...hostileIn(root), NACOS_SERVER_ADDR: `nacos:${lab.server.port}` };

    assertEnd(await lab.run("offline", env, { launcher }), "done", /is out of service/);
    assert.deepEqual(await lab.callersGet(), []);
    assertEnd(await lab.run("online --strict", env, { launcher }), "done", /is in service/);
    assert.equal((await lab.callersGet()).length, 1);
    assert.ok(resolver.asked.includes("nacos.kevin.svc.cluster.local"));
  });

  rootTest(`${root}: offline and online on Eureka`, async () => {
    await using lab = await startEurekaLab();
    await using container = await startContainer({ root });
    const { launcher } = container;
    const env = hostileIn(root);
    assertEnd(await lab.run("offline", env, { launcher }), "done", /is out of service/);
    assert.deepEqual(lab.recorded(), OUT);
    assertEnd(await lab.run("online --strict", env, { launcher }), "done", /is in service/);
    assert.deepEqual(lab.recorded(), UP);
  });
}
