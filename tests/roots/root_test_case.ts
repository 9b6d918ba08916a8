/**
 * A test that makes containers.
 *
 * @module
 */

/**
 * Declares a test that needs root; without, its name says why it is skipped.
 *
 * @param name what it shows
 * @param fn the test
 */
export function rootTest(name: string, fn: () => Promise<void>): void {
  const root = Deno.uid() === 0;
  Deno.test({
    name: root ? name : `${name} (SKIPPED: only root can make namespaces and cgroups)`,
    ignore: !root,
    fn,
  });
}
