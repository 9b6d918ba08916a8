/**
 * The Kyverno policy in Kyverno's own CLI. KYVERNO names it; its go.mod has a `replace`, so `go install`
 * refuses it: `go build ./cmd/cli/kubectl-kyverno` in a copy of its module (1.19.1: some 2,800 packages, 2 GB).
 */

import assert from "node:assert/strict";
import { REPOSITORY } from "../../scripts/places.ts";

const program = Deno.env.get("KYVERNO") ?? "";

function kyvernoTest(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name: program ? name : `${name} (SKIPPED: KYVERNO does not name its CLI)`,
    ignore: !program,
    async fn() {
      const folder = Deno.makeTempDirSync({ prefix: "service-offline-kyverno-" });
      try {
        for (const { name } of Deno.readDirSync(`${REPOSITORY}/deploy/kyverno`)) {
          Deno.copyFileSync(`${REPOSITORY}/deploy/kyverno/${name}`, `${folder}/${name}`);
        }
        await fn(folder);
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}

kyvernoTest("kyverno: each pod becomes what patched.yaml says, or stays", async (folder) => {
  const { code, text } = await runTests(folder);
  assert.equal(code, 0, text);
  assert.match(text, /11 tests passed and 0 tests failed/);
});

kyvernoTest("kyverno: a pod that comes out otherwise fails the test", async (folder) => {
  const file = `${folder}/patched.yaml`;
  const text = Deno.readTextFileSync(file);
  Deno.writeTextFileSync(file, text.replace('value: "120"', 'value: "121"'));
  assert.notEqual((await runTests(folder)).code, 0);
});

async function runTests(folder: string): Promise<{ code: number; text: string }> {
  const command = new Deno.Command(program, { args: ["test", folder, "--remove-color"] });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}
