/**
 * What keeps two builds of one commit byte-identical: the time of files, and what a tool gets of the
 * environment.
 *
 * @module
 */

import { resolve } from "node:path";

/** 1980-01-01, the earliest time that every archive format can hold; seconds since the epoch. */
export const FIXED = 315_532_800;

/**
 * Gives a file or folder the one time that all of them have. It shows: `deno compile` 2.9.6 writes
 * the time of the bundle into the executable, in milliseconds.
 */
export function fixTime(path: string): void {
  Deno.utimeSync(path, FIXED, FIXED);
}

/** Said to every tool: no question to Deno's own host, no colours in what is searched for errors. */
const ALWAYS = { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };

/** Files, folders, and lists of them with `:` between. */
const PATHS = [
  ...["PATH", "HOME", "XDG_CACHE_HOME", "DENO_DIR"],
  // Whom the company trusts. Deno 2.9.6 obeys SSL_CERT_FILE and SSL_CERT_DIR only with
  // DENO_TLS_CA_STORE=system; npm, curl and apt have their own rules.
  ...["DENO_CERT", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"],
];

/** The rest of the way to registries out of a closed network. */
const WORDS = [
  ...["DENO_TLS_CA_STORE", "NODE_USE_SYSTEM_CA"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [
    name,
    name.toLowerCase(),
  ]),
  ...["NPM_CONFIG_REGISTRY", "NPM_CONFIG_REPLACE_REGISTRY_HOST"],
];

/** The process that builds, as far as it matters to its tools. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  /** Relative paths begin there; a tool may run elsewhere. */
  readonly cwd: string;
  /** The text of a file, if it can be read. */
  readonly read: (path: string) => string | undefined;
}

/**
 * What a tool gets that may download something: the way to the company's mirror, and nothing else.
 * `deno compile` 2.9.6 would also write what it finds (OTEL_…, DENO_COMPAT, DENO_UNSTABLE_…,
 * DENO_CONDITIONS) into the executable; none of these changes a byte.
 *
 * @param project the folder of deno.json, whose `.npmrc` Deno reads after that of HOME
 */
export function networkEnvironment(from: Surroundings, project: string): Record<string, string> {
  const { env, cwd } = from;
  const result: Record<string, string> = { ...ALWAYS };
  for (const name of PATHS) {
    const value = env[name];
    if (value) result[name] = value.split(":").map((path) => resolve(cwd, path)).join(":");
  }
  for (const name of [...WORDS, ...npmrcs(from, project).flatMap(namesInNpmrc)]) {
    const value = env[name];
    if (value !== undefined) result[name] ??= value;
  }
  return result;
}

/**
 * What the final `deno compile` gets: no network, no HOME with an `.npmrc`.
 *
 * @param denoDir a cache, which may be empty
 * @param base the executable that the program is put into
 */
export function compileEnvironment(
  from: Surroundings,
  denoDir: string,
  base: string,
): Record<string, string> {
  const { PATH } = from.env;
  const more = PATH === undefined ? {} : { PATH };
  return { ...ALWAYS, ...more, DENO_DIR: denoDir, DENORT_BIN: base };
}

/** The texts of HOME's `.npmrc` and of the project's, whose lines go before. */
export function npmrcs({ env, cwd, read }: Surroundings, project: string): string[] {
  return [env["HOME"], project].flatMap((folder) =>
    (folder && read(resolve(cwd, folder, ".npmrc"))) || []
  );
}

/** The variables that an `.npmrc` names as `${NAME}`: mostly a token. */
function namesInNpmrc(text: string): string[] {
  return [...text.matchAll(/\$\{([^${}\\]+)\}/g)].flatMap(([, name]) => name ?? []);
}

/** This process. */
export function surroundings(): Surroundings {
  return { env: Deno.env.toObject(), cwd: Deno.cwd(), read: readIfPossible };
}

/** Deno passes over an `.npmrc` that it may not read, too. */
function readIfPossible(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}
