/** By what a container can call the program: what is there decides. */

import * as z from "zod/mini";
import type { EffectiveSetting } from "./settings.ts";
import type { Disk } from "../lifecycle/record_file.ts";
import { shape } from "../shape.ts";
import { tried } from "../tried.ts";

/** The commands of both hooks. */
export interface Hooks {
  readonly postStart: readonly string[];
  readonly preStop: readonly string[];
  /** Whether they go without the wrappers: nothing then sends postStart into the background. */
  readonly isExec: boolean;
  /** Whether anything of the kit is here. */
  readonly isThere: boolean;
  /** What they need in the environment, where no shell sets it. */
  readonly env?: Readonly<Record<string, string>>;
  /** The user's own script that they call, and the variables that it sets. */
  readonly script?: { readonly path: string; readonly sets: readonly string[] } | undefined;
}

/** In the image, and where the kit comes in a volume. */
const FOLDERS = ["/opt", "/opt/service-offline"];
const KIT = "/opt/service-offline";
/** Of the kit on `deno`, which its launcher sets; see scripts/wrappers/launcher.sh. */
const DENO_ENV = { DENO_NO_UPDATE_CHECK: "1", DENO_DIR: `${KIT}/deno_dir` };
const SHELLS = ["/bin/sh", "/usr/bin/sh"];

const words = shape(() => z.array(z.string()));

/** What differs in each pod, and so is never in the patch. */
export const OWN = ["podip", "instanceId"];

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
  const isThere = (path: string) => tried(() => disk.about(path)) !== undefined;
  const find = (name: string) => FOLDERS.map((one) => `${one}/${name}`).find(isThere);
  const wrapper = `service_offline_${registry}.sh`;
  const postStart = find("service_online.sh");
  const preStop = find(wrapper);
  // dash and busybox keep a variable with such a name from what they start.
  const isShellBlind = settings.some(({ name, source }) =>
    OWN.includes(name) && /^environment variable .*[^\w]/.test(source)
  );
  if (postStart && preStop && SHELLS.some(isThere) && !isShellBlind) {
    const script = ownScript(disk, preStop, `${KIT}/${wrapper}`, settings);
    // What it sets is known to nobody else: it is asked for the other wrapper.
    const online = script ? [preStop, "service_online.sh"] : [postStart];
    const hooks = { postStart: ["sh", ...online], preStop: ["sh", preStop] };
    return { ...hooks, isExec: false, isThere: true, ...script && { script } };
  }
  const program = execForm(disk);
  return {
    postStart: [...program, "online", "--background"],
    preStop: [...program, "offline"],
    isExec: true,
    isThere: isThere(program[0] ?? ""),
    ...program.length > 1 && { env: DENO_ENV },
  };
}

/** A script of the user's that has taken a wrapper's place and hands its arguments on to that. */
function ownScript(
  { readTextFile }: Pick<Disk, "readTextFile">,
  path: string,
  wrapper: string,
  settings: readonly EffectiveSetting[],
): Hooks["script"] {
  const [text = "", kits] = [path, wrapper].map((one) => tried(() => readTextFile(one)));
  if (kits === undefined || text === kits || !text.includes("$@")) return undefined;
  const assigned = new Set(text.match(/(?<=^[^#\n]*)(?<!\w)\w+(?==)/gm));
  const variables = settings.flatMap(({ variable }) => variable ?? []);
  return { path, sets: [...new Set(variables)].filter((one) => assigned.has(one)) };
}

/** The kit says how it is called without a shell: on the `deno` of the npm package by many words. */
function execForm(disk: Pick<Disk, "readTextFile">): string[] {
  const form = words(tried(() => JSON.parse(disk.readTextFile(`${KIT}/exec-form.json`))));
  return form?.length ? form : [`${KIT}/service-offline`];
}
