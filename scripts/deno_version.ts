/**
 * The Deno that everything is built with and measured on; `.ci/run` and the Dockerfile name the
 * same.
 *
 * @module
 */

/** The pinned version. */
export const DENO_VERSION = "2.9.6";

/**
 * Refuses to build with another Deno.
 *
 * @throws {Error} this is another version
 */
export function assertPinnedDeno(): void {
  if (Deno.version.deno === DENO_VERSION) return;
  throw new Error(
    `Cannot build with Deno ${Deno.version.deno}: what is shipped was measured on ${DENO_VERSION}.` +
      ` Run it as \`npx -y deno@${DENO_VERSION} task …\``,
  );
}
