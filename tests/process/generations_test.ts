/** The main job on every generation of the server, with auth on, off, and as 3.x ships it. */

import assert from "node:assert/strict";
import type { NacosGeneration } from "../support/nacos_under_test.ts";
import { assertEnd, assertStatusEnd, drained } from "../support/ends.ts";
import { runInside } from "../support/inside.ts";
import { each, sideBySide } from "../support/at_once.ts";
import { removeRecords } from "../support/hook.ts";
import { type LabOptions, startLab } from "../support/lab.ts";
import { eventually, pause } from "../support/pause.ts";

runInside();
const test = sideBySide("generations");

interface Server {
  readonly generation: NacosGeneration;
  readonly auth: boolean;
  readonly adminAuth?: boolean;
  readonly versionEndpoint?: boolean;
}

const servers: Record<string, Server> = {
  "1.4, auth off": { generation: "1.4", auth: false },
  "1.4, auth on": { generation: "1.4", auth: true },
  "2.x, auth off": { generation: "2.x", auth: false },
  "2.x, auth on": { generation: "2.x", auth: true },
  "2.x of Maven Central, which says no version": {
    generation: "2.x",
    auth: true,
    versionEndpoint: false,
  },
  "3.1, auth off": { generation: "3.1", auth: false },
  "3.1 as shipped, only the admin API wants a token": {
    generation: "3.1",
    auth: false,
    adminAuth: true,
  },
  "3.1, auth on": { generation: "3.1", auth: true },
  "3.2, auth off": { generation: "3.2", auth: false },
  "3.2, auth on": { generation: "3.2", auth: true },
};

/** One server for each of the ways to ask and to write. */
const APIS = ["1.4", "2.x", "3.1"] as const;

/** The same steps on every server, side by side; the push delay is the real one. */
function onEveryServer(
  name: string,
  options: LabOptions,
  fn: (lab: Awaited<ReturnType<typeof startLab>>) => Promise<void>,
): void {
  test.each(name, servers, async (server) => {
    const pushDelayMs = server.generation === "1.4" ? 0 : 600;
    await using lab = await startLab({ ...server, pushDelayMs, ...options });
    await fn(lab);
  });
}

onEveryServer(
  "offline takes only its own instance out, status says so, online puts it back as it was",
  { env: { DRAIN_SECONDS: "1" } },
  async (lab) => {
    const { instance, server } = lab;
    const neighbour = { ...instance, ip: "10.9.9.9" };
    server.registerGrpc(neighbour);
    const before = await lab.listed();
    assert.equal(before?.weight, instance.weight);

    const offline = await lab.run("offline");
    assertEnd(offline, "done", /callers no longer get it after \d+ ms/, drained(1));
    assert.match(offline.stdout, /1 other instance still listed/);
    assert.deepEqual(await lab.callersGet(), [`10.9.9.9:${instance.port}`]);
    assert.equal(offline.writes.length, 1);
    const inside = server.instances().find(({ ip }) => ip === instance.ip);
    assert.equal(inside?.enabled, false);
    // But for the mark of `offline`.
    assert.equal(Number(inside?.weight.toPrecision(8)), instance.weight);
    assert.deepEqual(inside?.metadata, instance.metadata);

    const status = await lab.run("status --json");
    assertStatusEnd(status, "done");
    const { registries: [one] } = JSON.parse(status.stdout);
    assert.equal(one.inService, false);
    assert.deepEqual([one.details.weight, one.details.metadata], [
      instance.weight,
      instance.metadata,
    ]);
    assert.deepEqual(status.writes, []);

    const online = await lab.run("online --strict");
    assertEnd(online, "done", /is in service/);
    assert.equal(online.writes.length, 1);
    assert.deepEqual(await lab.listed(), before);
  },
);

test.each("what is so already is not written again", APIS, async (generation) => {
  await using lab = await startLab({ generation, auth: true, env: { DRAIN_SECONDS: "0" } });
  const inService = await lab.run("online --strict");
  await lab.run("offline");
  const out = await lab.run("offline");
  for (const run of [inService, out]) {
    assertEnd(run, "done", /already/);
    assert.deepEqual(run.writes, []);
  }
});

test.each(
  "status says what is so, for people and for machines, and writes nothing",
  APIS,
  async (generation) => {
    await using lab = await startLab({ generation, auth: true });
    const { instance, server } = lab;
    const name = `${instance.ip}:${instance.port} of DEFAULT_GROUP@@${instance.serviceName}`;
    const inService = await lab.run("status");
    assertStatusEnd(
      inService,
      "done",
      new RegExp(`${name} .*\\bin service`),
      /weight: 3/,
      /"zone":"a=b"/,
      /record: none/,
    );

    server.change(instance, { enabled: false, weight: instance.weight });
    await eventually(async () => assert.equal(await lab.listed(), undefined));
    const out = await lab.run("status");
    assertStatusEnd(out, "done", new RegExp(`${name} .*\\bout of service`));

    const machine = await lab.run("status --json");
    assertStatusEnd(machine, "done");
    const report = JSON.parse(machine.stdout);
    assert.equal(report.record, null);
    assert.equal(report.registries.length, 1);
    const [one] = report.registries;
    assert.equal(one.registry, "nacos");
    assert.equal(one.inService, false);
    assert.equal(one.details.weight, instance.weight);
    assert.deepEqual(one.details.metadata, instance.metadata);
    assert.deepEqual(
      one.callers.map(({ listed, others }: { listed: boolean; others: number }) => ({
        listed,
        others,
      })),
      [{ listed: false, others: 0 }],
    );
    for (const run of [inService, out, machine]) assert.deepEqual(run.writes, []);
  },
);

test("status names the version, as far as the server says it unasked", async (t) => {
  const versions: Record<string, [NacosGeneration, RegExp]> = {
    "1.4": ["1.4", /Nacos 1\.x or 2\.x/],
    "2.x": ["2.x", /Nacos 1\.x or 2\.x/],
    "3.1": ["3.1", /Nacos 3\.1\.0/],
  };
  await each(t, versions, async ([generation, version]) => {
    await using lab = await startLab({ generation });
    assertStatusEnd(await lab.run("status"), "done", version);
  });
});

test("status shows the record of the last offline", async () => {
  await using lab = await startLab();
  await lab.run("offline");
  assertStatusEnd(await lab.run("status"), "done", /record: `offline` began .*, ended /);
  const { record } = JSON.parse((await lab.run("status --json")).stdout);
  assert.ok(record.startedAt <= record.finishedAt);
});

test.each(
  "online waits for an app that registers late, and puts it back",
  ["2.x", "3.1"] as const,
  async (generation) => {
    await using lab = await startLab({ generation });
    const { instance, server } = lab;
    // A restart in the same pod: the flag has outlived the process, but the disk has not.
    assertEnd(await lab.run("offline", { DRAIN_SECONDS: "0" }), "done");
    removeRecords(instance.serviceName);
    server.disconnectGrpc(instance);
    await pause(100);
    await using online = lab.start("online --strict");
    await online.waitForLine(/not registered/);
    lab.register();
    assertEnd(await online.done, "done", /is in service/);
    assert.equal((await lab.listed())?.weight, instance.weight);
  },
);
