/**
 * The Deno that everything is built with and measured on; `.ci/run` and the Dockerfile name the
 * same.
 *
 * @module
 */

import type { Arch } from "./elf.ts";

/** The pinned version. */
export const DENO_VERSION = "2.9.6";

/** The npm packages with the executable alone, and what `npm view … dist.integrity` says of them. */
export const NPM_DENO: Readonly<Record<Arch, { name: string; cpu: string; integrity: string }>> = {
  x86_64: {
    name: "@deno/linux-x64-glibc",
    cpu: "x64",
    integrity:
      "sha512-3md4TKLCuzsLDmfOoC5KN7NAZaxSVkMgm64vg6foD00JBADCpYS2/5QqXfzgnP5ZQz3iLP9vBQJtEgc116OAoQ==",
  },
  aarch64: {
    name: "@deno/linux-arm64-glibc",
    cpu: "arm64",
    integrity:
      "sha512-poqhoH9B3nYloigEMPT5t8HY+wBeiuea1An5Q7fqgJzP0SYmWsoS/oUnWO/pEiA4ofzIBy1Elt/in58xKtxEoQ==",
  },
};

/**
 * Refuses to build with another Deno.
 *
 * @throws {Error} this is another version
 */
export function assertPinnedDeno(): void {
  if (Deno.version.deno === DENO_VERSION) return;
  throw new Error(
    `Cannot build with Deno ${Deno.version.deno}: what is shipped was measured on ${DENO_VERSION}.` +
      ` Run it as \`npx -y deno@${DENO_VERSION} task …\``,
  );
}
