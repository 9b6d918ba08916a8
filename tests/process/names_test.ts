/** Names that are easily broken on their way through a form, a URL, a log or a file name. */

import assert from "node:assert/strict";
import { runInside } from "../support/inside.ts";
import { sideBySide } from "../support/at_once.ts";
import { assertEnd, assertStatusEnd } from "../support/ends.ts";
import { startLab, uniqueName } from "../support/lab.ts";
import type { EmbeddedPlace } from "../embedded/nacos.ts";

runInside();
const test = sideBySide("names");

const names: Record<string, string> = {
  "spaces": "order service",
  "quotes": `o"r'd\`er`,
  "a percent sign": "100%25",
  "a plus": "a+b",
  "an ampersand": "a&serviceName=b",
  "Chinese": "订单服务",
  "an emoji": "📦",
  "slashes and dots": "../../etc/x",
  "a line break's escape": "a\\nb",
  "500 characters": "n".repeat(500),
};

/** Offline, status and online see one and the same instance, and no other; the record's name is ours. */
async function roundTrip(
  generation: "2.x" | "3.1",
  instance: Partial<EmbeddedPlace>,
): Promise<void> {
  await using lab = await startLab({ generation, instance, env: { DRAIN_SECONDS: "1" } });
  assertEnd(await lab.run("offline"), "done", /callers no longer get it/);
  assert.deepEqual(
    lab.server.instances().map(({ serviceName, groupName, enabled }) => [
      serviceName,
      groupName,
      enabled,
    ]),
    [[lab.instance.serviceName, lab.instance.groupName, false]],
  );
  if (generation === "2.x") {
    const status = await lab.run("status");
    assertStatusEnd(status, "done", /out of service/, /record: `offline` began .*, ended/);
  }
  assertEnd(await lab.run("online --strict"), "done");
  assert.equal((await lab.listed())?.weight, lab.instance.weight);
}

/** A 2.x takes these for a group and a namespace too. */
const everywhere = ["a plus", "an ampersand", "Chinese", "a percent sign"];

test.each("a service, a group and a namespace of 2.x are found by any name", names, (name) => {
  const serviceName = `${name} ${uniqueName()}`;
  const isEverywhere = everywhere.some((what) => names[what] === name);
  const place = isEverywhere ? { groupName: name, namespaceId: name } : {};
  return roundTrip("2.x", { serviceName, ...place });
});

test.each(
  "a service of 3.1 is found by any name that 3.1 takes",
  ["quotes", "a percent sign", "a plus", "an ampersand", "slashes and dots"],
  (what) => roundTrip("3.1", { serviceName: `${names[what]}-${uniqueName()}` }),
);

test("a name that 3.1 refuses is a mistake in the settings", async () => {
  await using lab = await startLab({ generation: "3.1", registered: false });
  const run = await lab.run("offline", { serviceName: `order service ${uniqueName()}` });
  assertEnd(run, "settings", /Param 'serviceName' is illegal/, /check serviceName/);
  assert.deepEqual(run.writes, []);
});

test.each("group@@service as serviceName means that group, on every generation", [
  "1.4",
  "2.x",
  "3.1",
  "3.2",
], async (generation) => {
  await using lab = await startLab({ generation, instance: { groupName: "G9" } });
  const env = {
    serviceName: `G9@@${lab.instance.serviceName}`,
    groupName: undefined,
    DRAIN_SECONDS: "1",
  };
  assertEnd(await lab.run("offline", env), "done", /callers no longer get it/);
  assert.deepEqual(await lab.callersGet(), []);
});

const namespaces = { "absent": undefined, "": "", "public": "public" };
test.each("the default namespace is found by each of its spellings", namespaces, async (given) => {
  await using lab = await startLab();
  assertStatusEnd(await lab.run("status", { namespaceId: given }), "done", /in service/);
});
