/** The image, built in a closed network: nothing of it is known inside the build's container. */

import assert from "node:assert/strict";
import { tlsFile } from "../support/tls.ts";
import { unpackImage } from "../support/image.ts";
import { makeClone } from "./clone.ts";
import { startMirror } from "./mirror.ts";

const NODE_IMAGE = "localhost/node:bookworm-slim";
const NAME = "localhost/service-offline-build-test:latest";
const TOKEN = "company-token";

/** Why it cannot be built here. */
function missing(): string | undefined {
  if (Deno.uid() !== 0) return "only root builds with buildah here";
  const buildah = (...args: string[]) =>
    new Deno.Command("buildah", { args, stdout: "null", stderr: "null" }).outputSync().success;
  try {
    const isThere = buildah("inspect", "--type", "image", NODE_IMAGE);
    return isThere ? undefined : `no ${NODE_IMAGE}: deno run -A tests/roots/node_image.ts`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "no buildah";
    throw error;
  }
}

const why = missing();

Deno.test({
  name: "the image is built behind a private CA and a mirror, and keeps no secret" +
    (why === undefined ? "" : ` (SKIPPED: ${why})`),
  ignore: why !== undefined,
  async fn() {
    await using mirror = await startMirror([`Bearer ${TOKEN}`]);
    using clone = await makeClone();
    for (const name of ["Dockerfile", ".dockerignore"]) {
      Deno.copyFileSync(new URL(`../../${name}`, import.meta.url), `${clone.project}/${name}`);
    }
    Deno.writeTextFileSync(
      `${clone.folder}/home/.npmrc`,
      `registry=\${COMPANY_MIRROR}\n${mirror.key}:_authToken=\${COMPANY_TOKEN}\n`,
    );
    const env = {
      COMPANY_MIRROR: mirror.url,
      COMPANY_TOKEN: TOKEN,
      NODE_EXTRA_CA_CERTS: tlsFile("ca.pem"),
    };
    const words = ["image", "--base", "deno", "--node-image", NODE_IMAGE, "--name", NAME];
    const { code, text } = await clone.task(words, env);
    assert.equal(code, 0, text);
    assert.equal(mirror.refused(), 0);
    for (const name of ["deno", "esbuild", "zod"]) {
      assert.ok(mirror.served.some((path) => path.includes(name)), mirror.served.join(" "));
    }
    const { image, root, remove } = await unpackImage(`${clone.project}/dist/image.oci.tar`);
    try {
      assert.match(text, new RegExp(`image\\.oci\\.tar: ${image.digest}\n`));
      const [, certificate = ""] = Deno.readTextFileSync(tlsFile("ca.pem")).split("\n");
      for (const secret of [TOKEN, certificate]) {
        assert.ok(!JSON.stringify(image.config).includes(secret), `${secret} is in the history`);
        assert.deepEqual(await filesWith(secret, root), []);
      }
    } finally {
      remove();
      await new Deno.Command("buildah", { args: ["rmi", NAME], stdout: "null" }).output();
    }
  },
});

async function filesWith(text: string, root: string): Promise<string[]> {
  const args = ["-rlF", "-e", text, root];
  const { code, stdout } = await new Deno.Command("grep", { args }).output();
  assert.ok(code < 2, "grep could not read all");
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}
