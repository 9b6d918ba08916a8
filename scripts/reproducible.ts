/**
 * What keeps two builds of one commit byte-identical.
 *
 * @module
 */

// 1980-01-01, the earliest time that every archive format can hold.
const FIXED = 315_532_800;

/**
 * Gives a file or folder the one time that all of them have. It shows: `deno compile` 2.9.6 writes
 * the time of the bundle into the executable, in milliseconds.
 */
export function fixTime(path: string): void {
  Deno.utimeSync(path, FIXED, FIXED);
}

/** To find programs and caches, and the way to registries out of a closed network. */
const PASSED_ON = [
  ...["PATH", "HOME", "XDG_CACHE_HOME", "DENO_DIR", "NPM_CONFIG_REGISTRY"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"],
];

/**
 * What a build tool gets of the environment. The rest stays out: `deno compile` 2.9.6 also writes
 * what it finds there (OTEL_…, DENO_…) into the executable.
 */
export function buildEnvironment(): Record<string, string> {
  const env: Record<string, string> = { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  for (const name of PASSED_ON) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}
