const made: string[] = [];

Deno.test.afterAll(() => {
  for (const path of made.splice(0)) {
    try {
      Deno.removeSync(path);
    } catch (error) {
      // A test may have taken it away.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
});

/** Makes a file with this text, which is removed once all tests of this module are over. */
export function tempFile(text: string): string {
  const path = Deno.makeTempFileSync({ prefix: "test-" });
  made.push(path);
  Deno.writeTextFileSync(path, text);
  return path;
}
