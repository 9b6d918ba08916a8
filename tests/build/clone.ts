/** The project as a new user has it: a clone, an empty HOME, no cache. */

import { denoDir } from "../../scripts/base.ts";
import { REPOSITORY } from "../../scripts/places.ts";
import { runTool } from "../../scripts/tool.ts";

/** What the Dockerfile copies, and all that a build reads. */
const PARTS = ["deno.json", "deno.lock", "LICENSE", "licenses", "scripts", "src"];

export interface Clone extends Disposable {
  /** The folder with everything in it. */
  readonly folder: string;
  readonly project: string;
  /** Runs a task of deno.json with this environment alone. */
  task(words: readonly string[], env?: Env, umask?: string): Promise<Ended>;
}

export type Env = Readonly<Record<string, string>>;

export interface Ended {
  readonly code: number;
  /** stdout and stderr. */
  readonly text: string;
}

/** What this machine has: Deno's cache, and its own way to a registry. */
export async function ownWay(): Promise<Env> {
  const names = ["NODE_EXTRA_CA_CERTS", "DENO_CERT", "DENO_TLS_CA_STORE", "NPM_CONFIG_REGISTRY"];
  const found = names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return { DENO_DIR: await denoDir(), ...Object.fromEntries(found) };
}

export async function makeClone(): Promise<Clone> {
  const folder = Deno.makeTempDirSync({ prefix: "service-offline-clone-" });
  const project = `${folder}/project`;
  for (const name of ["home", "project"]) Deno.mkdirSync(`${folder}/${name}`);
  await runTool("cp", ["-a", ...PARTS.map((part) => `${REPOSITORY}/${part}`), project]);
  const standard = {
    PATH: Deno.env.get("PATH") ?? "",
    HOME: `${folder}/home`,
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  };
  return {
    ...{ folder, project },
    async task(words, env = {}, umask = "022") {
      const { code, stdout, stderr } = await new Deno.Command("sh", {
        args: ["-c", 'umask "$0"; exec "$@"', umask, Deno.execPath(), "task", ...words],
        cwd: project,
        clearEnv: true,
        env: { ...standard, ...env },
      }).output();
      const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      return { code, text };
    },
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}
