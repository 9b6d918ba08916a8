/**
 * The permissions the program is compiled and run with. Reading has no list (settings name files
 * anywhere); /proc, /sys and /dev stay closed all the same.
 *
 * @module
 */

import { CERTIFICATES_OF_DENO, NO_PROXY } from "../src/main.ts";
import { SETTINGS } from "../src/settings/all.ts";
import { environmentNames } from "../src/settings/read.ts";

/** The flags for `deno run` and `deno compile`. */
export function permissionFlags(): string[] {
  const names = [...new Set([...environmentNames(SETTINGS), NO_PROXY, ...CERTIFICATES_OF_DENO])];
  return [
    "--no-prompt",
    "--allow-net",
    "--allow-read",
    "--allow-write=/tmp,/target",
    `--allow-env=${names.join(",")}`,
  ];
}
