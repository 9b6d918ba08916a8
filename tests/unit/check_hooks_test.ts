import assert from "node:assert/strict";
import { KIT_DENO_DIR } from "../../scripts/places.ts";
import { hooksFor } from "../../src/check/hooks.ts";
import type { EffectiveSetting } from "../../src/check/settings.ts";
import { createMemoryDisk } from "../support/memory_disk.ts";

const SH = { "/bin/sh": "" };
const KIT = { "/opt/service-offline/service-offline": "" };

/** The hooks where these files are, by path. */
function hooks(files: Readonly<Record<string, string>>, settings: EffectiveSetting[] = []) {
  const disk = createMemoryDisk();
  for (const [path, text] of Object.entries(files)) disk.files.set(path, text);
  return hooksFor(disk, "eureka", settings);
}

/** The wrappers in a folder. */
function wrappers(folder: string) {
  return { [`${folder}/service_online.sh`]: "", [`${folder}/service_offline_eureka.sh`]: "" };
}

const inFolder = (folder: string) => ({
  postStart: ["sh", `${folder}/service_online.sh`],
  preStop: ["sh", `${folder}/service_offline_eureka.sh`],
  isExec: false,
  isThere: true,
});
const EXEC = {
  postStart: ["/opt/service-offline/service-offline", "online", "--background"],
  preStop: ["/opt/service-offline/service-offline", "offline"],
  isExec: true,
  isThere: true,
};

Deno.test("hooksFor() takes the wrappers from where they are", () => {
  const [image, volume] = ["/opt", "/opt/service-offline"];
  assert.deepEqual(hooks({ ...SH, ...KIT, ...wrappers(image) }), inFolder(image));
  assert.deepEqual(hooks({ ...SH, ...KIT, ...wrappers(volume) }), inFolder(volume));
  const both = { ...SH, ...KIT, ...wrappers(volume), ...wrappers(image) };
  assert.deepEqual(hooks(both), inFolder(image));
});

Deno.test("hooksFor() goes by the user's own script for both hooks, and knows what that sets", () => {
  const path = "/opt/service_offline_eureka.sh";
  const kits = { ...SH, ...KIT, ...wrappers("/opt"), ...wrappers("/opt/service-offline") };
  const names = ["port", "EUREKA_URL", "groupName", "podip"];
  const settings = names.map((name) => {
    return {
      name,
      value: "",
      secret: false,
      source: `environment variable ${name}`,
      variable: name,
    };
  });
  const withScript = (text: string) => hooks({ ...kits, [path]: text }, settings);
  const end = 'exec /opt/service-offline/service_offline_eureka.sh "$@"\n';
  const own = withScript(`set -a\n  port=80 EUREKA_URL=http://e\n# groupName=x\nmypodip=1\n${end}`);
  assert.deepEqual(own, {
    postStart: ["sh", path, "service_online.sh"],
    preStop: ["sh", path],
    isExec: false,
    isThere: true,
    script: { path, sets: ["port", "EUREKA_URL"] },
  });
  // One that hands on no arguments would take the instance out at postStart.
  assert.deepEqual(withScript("port=80\n/opt/service-offline/x.sh\n"), inFolder("/opt"));
  assert.deepEqual(withScript(""), inFolder("/opt"));
});

Deno.test("hooksFor() takes the exec form without wrappers, or without a shell for them", () => {
  assert.deepEqual(hooks({ ...KIT, ...wrappers("/opt") }), EXEC);
  assert.deepEqual(hooks({ ...SH, ...KIT }), EXEC);
  assert.deepEqual(hooks({ ...SH, ...KIT, "/opt/service_offline_nacos.sh": "" }), EXEC);
  assert.deepEqual(hooks({}), { ...EXEC, isThere: false });
});

Deno.test("hooksFor() takes the kit's own exec form, where it is one", () => {
  const path = "/opt/service-offline/exec-form.json";
  const form = ["/opt/service-offline/lib/ld.so", "--library-path", "x", "deno"];
  const { preStop, isThere, env } = hooks({ [path]: JSON.stringify(form), [form[0] ?? ""]: "" });
  assert.deepEqual([preStop, isThere], [[...form, "offline"], true]);
  assert.deepEqual(env, { DENO_NO_UPDATE_CHECK: "1", DENO_DIR: KIT_DENO_DIR });
  for (const broken of ["", "[]", "{}", "[1]"]) {
    assert.deepEqual(hooks({ ...KIT, [path]: broken }), EXEC);
  }
});

Deno.test("hooksFor() takes no shell where it would keep the address from the program", () => {
  const there = { ...SH, ...KIT, ...wrappers("/opt") };
  const podip = (source: string) => {
    return [{ name: "podip", value: "192.168.1.5", secret: false, source, variable: "podip" }];
  };
  const dotted = podip("environment variable spring.cloud.nacos.discovery.ip");
  assert.deepEqual(hooks(there, dotted), EXEC);
  const plain = podip("environment variable EUREKA_INSTANCE_IP_ADDRESS");
  assert.deepEqual(hooks(there, plain), inFolder("/opt"));
  const [first] = dotted;
  assert.ok(first);
  // It stands in the patch by the setting's own name.
  const other = { ...first, name: "serviceName", variable: "serviceName" };
  assert.deepEqual(hooks(there, [other]), inFolder("/opt"));
});
