/**
 * The permissions the program is compiled and run with. Reading has no list (settings name files
 * anywhere); /proc, /sys and /dev stay closed all the same.
 */

import { environmentNames } from "./environment.ts";
import { CERTIFICATES_OF_DENO } from "../src/system.ts";
import type { Kind } from "../src/registry/kind.ts";
import { PLACE } from "../src/registry/pod_addresses.ts";
import { KINDS } from "../src/registry/registries.ts";
import { settingsTable } from "../src/settings_table.ts";

/**
 * Where clouds hand out credentials to whoever asks from the machine. No registry is there, and what
 * may connect anywhere else must not get them. Deno 2.9.6 looks at the address that is connected to,
 * so that names, and other spellings of an address, do not get round it.
 */
const CLOUD_METADATA = [
  // AWS, Azure, Google, Huawei, Oracle and others; AWS by IPv6.
  "169.254.169.254",
  "[fd00:ec2::254]",
  // Tasks of ECS, pods of EKS.
  "169.254.170.2",
  "169.254.170.23",
  "[fd00:ec2::23]",
  // Alibaba Cloud, Tencent Cloud.
  "100.100.100.200",
  "169.254.0.23",
];

/** The flags for `deno run` and `deno compile`. */
export function permissionFlags(kinds: readonly Kind[] = KINDS): string[] {
  const switches = kinds.flatMap(({ offSwitches = [] }) => offSwitches);
  const names = [
    ...new Set([
      ...environmentNames(settingsTable(kinds), switches),
      ...CERTIFICATES_OF_DENO,
      ...Object.values(PLACE),
    ]),
  ];
  return [
    "--no-prompt",
    "--allow-net",
    `--deny-net=${CLOUD_METADATA.join(",")}`,
    "--allow-read",
    "--allow-write=/tmp,/target",
    "--allow-sys=networkInterfaces",
    `--allow-env=${names.join(",")}`,
  ];
}
