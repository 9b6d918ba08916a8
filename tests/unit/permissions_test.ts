import assert from "node:assert/strict";
import { permissionFlags } from "../../scripts/permissions.ts";
import { KINDS } from "../../src/registry/registries.ts";
import { SETTINGS } from "../support/settings.ts";
import { environmentNames } from "../../scripts/environment.ts";

const valueOf = (name: string) =>
  permissionFlags().find((flag) => flag.startsWith(`${name}=`))?.slice(name.length + 1);

Deno.test("permissionFlags() opens the variables of the settings and what it sets right itself, nothing else", () => {
  assert.deepEqual(
    valueOf("--allow-env")?.split(",").toSorted(),
    [
      ...new Set([
        ...environmentNames(SETTINGS, KINDS.flatMap(({ offSwitches = [] }) => offSwitches)),
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

Deno.test("permissionFlags() opens no variable in which Spring has another password", () => {
  const names = valueOf("--allow-env")?.split(",") ?? [];
  const isOpen = (name: string) =>
    names.some((one) => one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : one === name);
  for (
    const name of [
      "SPRING_DATASOURCE_PASSWORD",
      "spring.datasource.password",
      "SPRING_DATA_REDIS_PASSWORD",
      "SPRING_CLOUD_CONFIG_PASSWORD",
      "SERVER_SSL_KEY_STORE_PASSWORD",
      "AWS_SECRET_ACCESS_KEY",
      "MYSQL_PASSWORD",
    ]
  ) assert.ok(!isOpen(name), name);
  assert.ok(isOpen("SPRING_CLOUD_NACOS_DISCOVERY_SERVER-ADDR"));
});
