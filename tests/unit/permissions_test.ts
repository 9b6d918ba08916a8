import assert from "node:assert/strict";
import { permissionFlags } from "../../scripts/permissions.ts";
import { SETTINGS } from "../support/settings.ts";
import { environmentNames } from "../../src/settings/setting.ts";

const valueOf = (name: string) =>
  permissionFlags().find((flag) => flag.startsWith(`${name}=`))?.slice(name.length + 1);

Deno.test("permissionFlags() opens the variables of the settings and what it sets right itself, nothing else", () => {
  assert.deepEqual(
    valueOf("--allow-env")?.split(",").toSorted(),
    [
      ...new Set([
        ...environmentNames(SETTINGS),
        "DENO_CERT",
        "DENO_TLS_CA_STORE",
        "KUBERNETES_SERVICE_HOST",
        "HOST_IP",
      ]),
    ]
      .toSorted(),
  );
});

Deno.test("permissionFlags() lets nobody ask a cloud for its credentials", () => {
  const denied = valueOf("--deny-net")?.split(",") ?? [];
  for (const address of ["169.254.169.254", "[fd00:ec2::254]", "100.100.100.200"]) {
    assert.ok(denied.includes(address), address);
  }
});

Deno.test("permissionFlags() never asks and never opens everything", () => {
  const flags = permissionFlags();
  assert.ok(flags.includes("--no-prompt"));
  assert.equal(valueOf("--allow-write"), "/tmp,/target");
  for (const flag of flags) {
    assert.doesNotMatch(flag, /^(-A|--allow-(all|run|ffi|sys|import|env|write))$/);
  }
});
