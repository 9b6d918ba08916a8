/**
 * What this machine is, as far as a build depends on it.
 *
 * @module
 */

/** What a kit is built with, for messages: glibc 2.34 came with these. */
const KNOWN = "Debian 12, Ubuntu 22.04, RHEL 9, Fedora 35 or openSUSE Leap 15.6";

/**
 * The name of a distribution.
 *
 * @param root the folder that is its root
 */
export function distribution(root = ""): string {
  try {
    const text = Deno.readTextFileSync(`${root}/etc/os-release`);
    return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1] ?? Deno.build.os;
  } catch {
    return Deno.build.os;
  }
}

/** Why no kit can be built on a machine, and where one can. */
export function cannotBuildOn(machine: string, why: string): Error {
  return new Error(
    `Cannot build the kit on ${machine}: ${why}.
It takes the loader and the C library of the machine it is built on: a Linux with glibc 2.34 or later
(${KNOWN}, each or a later one). Anywhere else the
Dockerfile builds it, or any container of one of these does.`,
  );
}
