/** By what a container can call the program: what is there decides. */

import type { EffectiveSetting } from "./settings.ts";
import type { Disk } from "../lifecycle/record.ts";

/** The commands of both hooks. */
export interface Hooks {
  readonly postStart: readonly string[];
  readonly preStop: readonly string[];
  /** Whether they go without the wrappers: nothing then sends postStart into the background. */
  readonly isExec: boolean;
  /** Whether anything of the kit is here. */
  readonly isThere: boolean;
}

/** In the image, and where the kit comes in a volume. */
const FOLDERS = ["/opt", "/opt/service-offline"];
const KIT = "/opt/service-offline";
const SHELLS = ["/bin/sh", "/usr/bin/sh"];

/** What differs in each pod, and so is never in the patch. */
const OWN = ["podip", "instanceId"];

/**
 * Looks for the wrappers and a shell that runs them, else for the program itself.
 *
 * @param registry after which the wrapper is named
 */
export function hooksFor(
  disk: Pick<Disk, "about" | "readTextFile">,
  registry: string,
  settings: readonly EffectiveSetting[],
): Hooks {
  const isThere = (path: string) => {
    try {
      disk.about(path);
      return true;
    } catch {
      return false;
    }
  };
  const find = (name: string) => FOLDERS.map((one) => `${one}/${name}`).find(isThere);
  const postStart = find("service_online.sh");
  const preStop = find(`service_offline_${registry}.sh`);
  // dash and busybox keep a variable with such a name from what they start.
  const isShellBlind = settings.some(({ name, source }) =>
    OWN.includes(name) && /^environment variable .*[^\w]/.test(source)
  );
  if (postStart && preStop && SHELLS.some(isThere) && !isShellBlind) {
    const hooks = { postStart: ["sh", postStart], preStop: ["sh", preStop] };
    return { ...hooks, isExec: false, isThere: true };
  }
  const program = execForm(disk);
  return {
    postStart: [...program, "online", "--background"],
    preStop: [...program, "offline"],
    isExec: true,
    isThere: isThere(program[0] ?? ""),
  };
}

/** The kit says how it is called without a shell: on the `deno` of the npm package by many words. */
function execForm(disk: Pick<Disk, "readTextFile">): string[] {
  const usual = [`${KIT}/service-offline`];
  try {
    const form: unknown = JSON.parse(disk.readTextFile(`${KIT}/exec-form.json`));
    const isForm = Array.isArray(form) && form.length > 0 &&
      form.every((word) => typeof word === "string");
    return isForm ? form : usual;
  } catch {
    return usual;
  }
}
