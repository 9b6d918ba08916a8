/**
 * The scripts of the kit: those that manifests name, and the one that starts the program on `deno`.
 *
 * @module
 */

import { KIT_DENO_DIR, REPOSITORY } from "./places.ts";
import type { Kind } from "../src/registry/kind.ts";

/** Where their sources are. */
export const WRAPPERS = `${REPOSITORY}/scripts/wrappers`;
/** What they source. */
export const SHARED: readonly string[] = ["clean_env.sh", "log.sh", "offline.sh"];

/** What manifests name, by its name; these stand beside the kit's folder as well. */
export function wrapperTexts(kinds: readonly Kind[]): Record<string, string> {
  const read = (name: string) => Deno.readTextFileSync(`${WRAPPERS}/${name}`);
  const offline = kinds.map(({ name, title, settings, address }) => {
    const words = { NAME: name, TITLE: title, ADDRESS: settings[address]?.env ?? "" };
    const text = Object.entries(words).reduce(
      (text, [gap, word]) => text.replaceAll(`@${gap}@`, word),
      read("service_offline.sh"),
    );
    return [`service_offline_${name}.sh`, text];
  });
  return { ...Object.fromEntries(offline), "service_online.sh": read("service_online.sh") };
}

/** The script that runs this command in images with a shell. */
export function launcher(command: readonly string[]): string {
  const quoted = command.map((word) => {
    if (/^[\w./,=-]+$/.test(word)) return word;
    if (word.includes("'")) throw new Error(`Cannot quote ${word} in a script`);
    return `'${word}'`;
  });
  return Deno.readTextFileSync(`${WRAPPERS}/launcher.sh`)
    .replace("@DENO_DIR@", KIT_DENO_DIR)
    .replace("@COMMAND@", () => quoted.join(" "));
}
