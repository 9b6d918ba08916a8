/**
 * The Kyverno policy, and the warnings at `kubectl apply`, in Kyverno's own CLI. KYVERNO names it; its go.mod has a `replace`, so `go install`
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

const OTHER_GRACE = /gets (\d+) s to end, and its TERMINATION_GRACE_PERIOD_SECONDS is not \1,/;

kyvernoTest(
  "warn.yaml names a variable that is not the grace period the pod gets",
  async (folder) => {
    const kit = { volumes: [{ name: "service-offline", emptyDir: {} }] };
    const pods: Record<
      string,
      [warns: boolean, grace: number | undefined, value?: string, kit?: typeof kit]
    > = {
      none: [false, undefined],
      raised: [true, 65, "65"],
      "default": [true, undefined, "30"],
      right: [false, undefined, "120"],
      unit: [true, undefined, "120s"],
      own: [false, 300, "300"],
      shorter: [true, 300, "120"],
      longer: [true, undefined, "300"],
      kit: [false, 65, "65", kit],
      "from-another": [false, undefined, "$(GRACE)"],
    };
    const file = `${folder}/deployments.yaml`;
    const documents = Object.entries(pods).map(
      ([name, [, terminationGracePeriodSeconds, value, more]]) => {
        const env = value === undefined
          ? []
          : [{ name: "TERMINATION_GRACE_PERIOD_SECONDS", value }];
        const containers = [{ name: "app", image: "app:1", env }];
        const spec = { ...more, containers, terminationGracePeriodSeconds };
        const labels = { app: name, "service-offline": "nacos" };
        return JSON.stringify({
          apiVersion: "apps/v1",
          kind: "Deployment",
          metadata: { name, namespace: "shop" },
          spec: {
            selector: { matchLabels: { app: name } },
            template: { metadata: { labels }, spec },
          },
        });
      },
    );
    Deno.writeTextFileSync(file, documents.join("\n---\n"));
    const { text } = await run(
      ...["apply", `${REPOSITORY}/deploy/policy/warn.yaml`, "--resource", file],
      ...["-f", `${folder}/values.yaml`],
    );
    // The line with the name, and behind it the one with the warning.
    for (const [name, [warns]] of Object.entries(pods)) {
      const [, said = ""] = text.split(`resource shop/Deployment/${name} failed:\n`);
      assert.equal(OTHER_GRACE.test(said.split("\n")[0] ?? ""), warns, `${name}: ${text}`);
    }
  },
);

function runTests(folder: string) {
  return run("test", folder);
}

async function run(...args: string[]): Promise<{ code: number; text: string }> {
  const command = new Deno.Command(program, { args: [...args, "--remove-color"] });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}
