/** Names that are easily broken on their way through a form, a URL, a log or a file name. */

import assert from "node:assert/strict";
import { atOnce, sideBySide } from "../support/at_once.ts";
import { assertEnd, assertStatusEnd } from "../support/ends.ts";
import { startLab, uniqueName } from "../support/lab.ts";
import type { EmbeddedPlace } from "../embedded/nacos.ts";

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

/** Offline, status and online see one and the same instance, and no other. */
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
  const status = await lab.run("status");
  assertStatusEnd(status, "done", /out of service/, /record: `offline` began .*, ended/);
  assertEnd(await lab.run("online --strict"), "done");
  assert.equal((await lab.listed())?.weight, lab.instance.weight);
}

test("a service of 2.x is found by any name", async (t) => {
  await atOnce(
    t,
    Object.fromEntries(
      Object.entries(names).map(([what, name]) => [
        what,
        () => roundTrip("2.x", { serviceName: `${name} ${uniqueName()}` }),
      ]),
    ),
  );
});

test("a service of 3.1 is found by any name that 3.1 takes", async (t) => {
  const taken = ["quotes", "a percent sign", "a plus", "an ampersand", "slashes and dots"];
  await atOnce(
    t,
    Object.fromEntries(
      taken.map((what) => [
        what,
        () => roundTrip("3.1", { serviceName: `${names[what]}-${uniqueName()}` }),
      ]),
    ),
  );
});

test("a group and a namespace are found by any name", async (t) => {
  await atOnce(
    t,
    Object.fromEntries(
      ["a plus", "an ampersand", "Chinese", "a percent sign"].map((what) => [
        what,
        () => {
          const name = names[what] ?? "";
          return roundTrip("2.x", { groupName: name, namespaceId: name });
        },
      ]),
    ),
  );
});

test("a name that 3.1 refuses is a mistake in the settings", async () => {
  await using lab = await startLab({ generation: "3.1", registered: false });
  const run = await lab.run("offline", { serviceName: `order service ${uniqueName()}` });
  assertEnd(run, "settings", /Param 'serviceName' is illegal/, /check serviceName/);
  assert.deepEqual(run.writes, []);
});

test("group@@service as serviceName means that group, on every generation", async (t) => {
  await atOnce(
    t,
    Object.fromEntries((["1.4", "2.x", "3.1", "3.2"] as const).map((generation) => [
      generation,
      async () => {
        await using lab = await startLab({ generation, instance: { groupName: "G9" } });
        const env = {
          serviceName: `G9@@${lab.instance.serviceName}`,
          groupName: undefined,
          DRAIN_SECONDS: "1",
        };
        assertEnd(await lab.run("offline", env), "done", /callers no longer get it/);
        assert.deepEqual(await lab.callersGet(), []);
      },
    ])),
  );
});

test("the default namespace is found by each of its spellings", async (t) => {
  await atOnce(
    t,
    Object.fromEntries([undefined, "", "public"].map((namespaceId) => [
      String(namespaceId ?? "absent"),
      async () => {
        await using lab = await startLab();
        assertStatusEnd(await lab.run("status", { namespaceId }), "done", /in service/);
      },
    ])),
  );
});
