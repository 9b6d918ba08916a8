/** A test that makes containers. */

/** Declares a test that needs root; without, its name says why it is skipped. */
export function rootTest(name: string, fn: () => Promise<void>): void {
  const root = Deno.uid() === 0;
  Deno.test({
    name: root ? name : `${name} (SKIPPED: only root can make namespaces and cgroups)`,
    ignore: !root,
    fn,
  });
}
