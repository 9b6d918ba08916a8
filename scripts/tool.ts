/**
 * Runs a build tool to its end.
 *
 * @module
 */

import { REPOSITORY } from "./places.ts";
import { networkEnvironment, surroundings } from "./reproducible.ts";

/** How a tool is run. */
export interface ToolOptions {
  /** Added to what a tool that may download gets of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** In place of all that: the whole environment. */
  readonly onlyEnv?: Readonly<Record<string, string>>;
  /** Where it runs. */
  readonly cwd?: string;
  /** What to do where there is no such program. */
  readonly ifMissing?: string;
}

/**
 * Runs a tool.
 *
 * @returns its stdout
 * @throws {Error} it is not there, or it ended with another code than 0
 */
export async function runTool(
  program: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<string> {
  const { env = {}, onlyEnv, cwd, ifMissing = "Install it" } = options;
  const command = new Deno.Command(program, {
    args: [...args],
    clearEnv: true,
    env: onlyEnv ?? { ...networkEnvironment(surroundings(), REPOSITORY), ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let output: Deno.CommandOutput;
  try {
    output = await command.output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`Cannot run ${program}: there is no such program. ${ifMissing}`);
  }
  const { code, stdout, stderr } = output;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (code === 0) return text(stdout);
  throw new Error(`${program} ${args[0] ?? ""} ended with ${code}:\n${text(stderr).trim()}`);
}
