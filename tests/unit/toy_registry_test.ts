/** A registry from outside: one more kind in the list, and the whole program knows it. */

import assert from "node:assert/strict";
import { wrapperTexts } from "../../scripts/wrappers.ts";
import { permissionFlags } from "../../scripts/permissions.ts";
import type { Kind } from "../../src/registry/kind.ts";
import { KINDS } from "../../src/registry/registries.ts";
import { anyText, password } from "../../src/settings/kinds.ts";
import { createFakeRegistry, type FakeRegistry } from "../support/fake_registry.ts";
import { type Given, runWith } from "../support/fake_process.ts";

const toySettings = {
  toyUrl: {
    env: "TOY_URL",
    standIns: ["TOY_SERVER"],
    help: "Where Toy is.",
    schema: anyText,
    addresses: true,
  },
  toyPassword: { env: "TOY_PASSWORD", help: "Password.", schema: password, secret: true },
  toyRoom: { env: "TOY_ROOM", help: "Room.", schema: anyText, required: true },
} as const;

function createToy() {
  const made: { values?: Readonly<Record<string, unknown>>; registry?: FakeRegistry } = {};
  const kind: Kind = {
    name: "toy",
    title: "Toy",
    settings: toySettings,
    address: "toyUrl",
    create(values, { clock }) {
      made.values = values;
      made.registry = createFakeRegistry({ clock, name: "toy" });
      return made.registry;
    },
  };
  return { made, kinds: [...KINDS, kind] };
}

async function runWithToy(line: string, given: Given = {}) {
  const { made, kinds } = createToy();
  return { ...await runWith(line.split(" "), { ...given, kinds }), ...made };
}

const ENV = { TOY_SERVER: "toy:1", TOY_PASSWORD: "hunter2", DRAIN_SECONDS: "5" };

Deno.test("a further registry is in the help", async () => {
  const { stdout } = await runWithToy("--help");
  assert.match(
    stdout,
    /^Toy:\n +TOY_URL, --toy-url\n +Where Toy is. Also read: TOY_SERVER\.$/m,
  );
});

Deno.test("a further registry is taken out, with its settings and its flags", async () => {
  const { code, stdout, values, registry } = await runWithToy("offline --toy-room 7", { env: ENV });
  assert.equal(code, 0, stdout);
  assert.equal(registry?.state(), "outOfService");
  const { toyUrl, toyPassword, toyRoom } = values ?? {};
  assert.deepEqual([toyUrl, toyPassword, toyRoom], ["toy:1", "hunter2", "7"]);
  assert.match(stdout, / toy: /);
  assert.doesNotMatch(stdout, /nacos|eureka|hunter2/i);
});

Deno.test("a further registry asks for its own settings, and only where it is named", async () => {
  const named = await runWithToy("offline", { env: ENV, interactive: true });
  assert.equal(named.code, 78);
  assert.match(named.stdout, /TOY_ROOM is not set/);
  assert.doesNotMatch(named.stdout, /serviceName/);
  const none = await runWithToy("offline", { interactive: true });
  assert.match(none.stdout, /neither NACOS_SERVER_ADDR nor EUREKA_URL nor TOY_URL is set/);
  assert.doesNotMatch(none.stdout, /TOY_ROOM/);
});

Deno.test("a further registry has its name in the manifest, and no secret there", async () => {
  const files = ["/bin/sh", "/opt/service_online.sh", "/opt/service_offline_toy.sh"];
  const { stdout } = await runWithToy("check --yaml --toy-room=7", { env: ENV, files });
  assert.match(stdout, /\[sh, \/opt\/service_offline_toy\.sh\]/);
  assert.match(stdout, /- name: TOY_SERVER\n +value: "toy:1"/);
  assert.match(stdout, /- name: TOY_PASSWORD\n.*\n +valueFrom: /);
  assert.doesNotMatch(stdout, /hunter2|NACOS|EUREKA/);
});

Deno.test("a further registry has a wrapper, and its variables may be read", () => {
  const { kinds } = createToy();
  const wrapper = wrapperTexts(kinds)["service_offline_toy.sh"] ?? "";
  assert.match(wrapper, /registered with Toy,.*\n.*service_offline_toy\.sh\]\n.*: TOY_URL, podip/);
  assert.match(wrapper, /^export SERVICE_OFFLINE_REGISTRY=toy$/m);
  assert.doesNotMatch(wrapper, /@/);
  const names = permissionFlags(kinds).find((flag) => flag.startsWith("--allow-env="));
  assert.match(names ?? "", /,TOY_URL,TOY_SERVER,TOY_PASSWORD,TOY_ROOM,/);
});
