/**
 * A folder as it is shipped: one order, one time, two modes, a checksum for each file.
 *
 * @module
 */

import { fixTime } from "./reproducible.ts";

/** Name of the file that holds the checksums, as `sha256sum -c` reads them. */
export const SUMS = "SHA256SUMS";

/**
 * The files below a folder.
 *
 * @returns their paths in it, sorted
 */
export function filesIn(folder: string): string[] {
  const below = (at: string): string[] =>
    [...Deno.readDirSync(`${folder}/${at}`)].flatMap(({ name, isDirectory }) =>
      isDirectory ? below(`${at}${name}/`) : [`${at}${name}`]
    );
  return below("").toSorted();
}

/** Writes the checksums of all files of a folder into it. */
export async function writeSums(folder: string): Promise<void> {
  const lines: string[] = [];
  for (const name of filesIn(folder).filter((name) => name !== SUMS)) {
    const digest = await crypto.subtle.digest("SHA-256", Deno.readFileSync(`${folder}/${name}`));
    lines.push(`${new Uint8Array(digest).toHex()}  ${name}\n`);
  }
  Deno.writeTextFileSync(`${folder}/${SUMS}`, lines.join(""));
}

/** Gives a file or folder, and what is in it, the fixed time, and modes that no umask has touched. */
export function normalize(path: string): void {
  const { isDirectory } = Deno.statSync(path);
  if (isDirectory) { for (const { name } of Deno.readDirSync(path)) normalize(`${path}/${name}`); }
  Deno.chmodSync(path, isDirectory || isExecutable(path) ? 0o755 : 0o644);
  fixTime(path);
}

/** Whether it is an ELF file or has a `#!` line. */
function isExecutable(path: string): boolean {
  const head = new Uint8Array(4);
  using file = Deno.openSync(path);
  file.readSync(head);
  const start = new TextDecoder("latin1").decode(head);
  return start === "\x7fELF" || start.startsWith("#!");
}
