/**
 * What a build in a container gets of this machine's way to its registries: nothing of it is inside.
 *
 * @module
 */

import { resolve } from "node:path";

const CERTIFICATES = ["NODE_EXTRA_CA_CERTS", "DENO_CERT", "SSL_CERT_FILE"];
/** Those that both builders know without an ARG in the Dockerfile, and npm's registry. */
const PASSED_ON = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"]
  .flatMap((name) => [name, name.toLowerCase()])
  .concat("NPM_CONFIG_REGISTRY");

/** What is handed over. */
export interface HandedOver {
  /** For `build`. */
  readonly args: readonly string[];
  /** One line for each secret, without what is in it. */
  readonly notes: readonly string[];
}

/**
 * The arguments by which a build reaches what this machine reaches: proxies, the `.npmrc` of its
 * user, the certificates that it trusts.
 *
 * @param folder of files that are secret, removed by the caller
 */
export function handedOver(folder: string): HandedOver {
  const args: string[] = [];
  const notes: string[] = [];
  const secret = (id: string, path: string, from: string) => {
    args.push("--secret", `id=${id},src=${resolve(path)}`);
    notes.push(`secret ${id}: ${from}`);
  };
  for (const name of PASSED_ON) {
    const value = Deno.env.get(name);
    if (value) args.push("--build-arg", `${name}=${value}`);
  }
  const npmrc = Deno.env.get("NPM_CONFIG_USERCONFIG") ?? `${Deno.env.get("HOME")}/.npmrc`;
  const text = readIfThere(npmrc);
  if (text !== undefined) {
    const path = `${folder}/npmrc`;
    Deno.writeTextFileSync(path, filled(text, Deno.env.toObject()), { mode: 0o600 });
    secret("npmrc", path, npmrc);
  }
  const name = CERTIFICATES.find((name) => Deno.env.get(name));
  const trusted = name === undefined ? cafileOf(text ?? "") : Deno.env.get(name);
  if (trusted) secret("ca", trusted, `${trusted}, by ${name ?? npmrc}`);
  return { args, notes };
}

/** An `.npmrc` with `${NAME}` as npm fills it in: in the container there is no such variable. */
export function filled(npmrc: string, env: Readonly<Record<string, string>>): string {
  return npmrc.replaceAll(
    /\$\{([^}?]+)(\?)?\}/g,
    (whole, name, optional) => env[name] ?? (optional ? "" : whole),
  );
}

function cafileOf(npmrc: string): string | undefined {
  return /^\s*cafile\s*=\s*"?(.+?)"?\s*$/m.exec(npmrc)?.[1];
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
