import assert from "node:assert/strict";
import { DOCKERFILE, withEntrypoint } from "../../scripts/entrypoint.ts";
import { handedOver } from "../../scripts/image_network.ts";

Deno.test("the image on deno has the kit's command; `deno task readme` writes it", async () => {
  const dockerfile = await Deno.readTextFile(DOCKERFILE);
  assert.match(dockerfile, /^ENTRYPOINT \["\/loader",.*--allow-env=[^"]*,DENO_CERT,/m);
  assert.equal(dockerfile, withEntrypoint(dockerfile));
});

Deno.test("the build of an image gets proxies, certificates, and an .npmrc that is filled in", () => {
  const npmrc = "//npm.example.com/:_authToken=${TOKEN}\nproxy=${PROXY?}\nregistry=${UNSET}\n";
  const env = {
    HOME: "/home/u",
    TOKEN: "a$&b",
    DENO_CERT: "certs/company.pem",
    HTTPS_PROXY: "http://proxy:3128",
    NPM_CONFIG_REGISTRY: "https://npm.example.com/",
    OTEL_DENO: "true",
  };
  const read = (path: string) => path === "/home/u/.npmrc" ? npmrc : undefined;
  const handed = handedOver({ env, cwd: "/work", read });
  assert.deepEqual([...handed.buildArgs].toSorted(), [
    "HTTPS_PROXY=http://proxy:3128",
    "NPM_CONFIG_REGISTRY=https://npm.example.com/",
  ]);
  assert.equal(handed.ca, "/work/certs/company.pem");
  assert.equal(
    handed.npmrc,
    "//npm.example.com/:_authToken=a$&b\nproxy=\nregistry=${UNSET}\n",
  );
});

Deno.test("a build of an image trusts what the .npmrc trusts, and needs none", () => {
  const from = (text: string | undefined) =>
    handedOver({
      env: { HOME: "/home/u" },
      cwd: "/",
      read: (path) => path === "/home/u/.npmrc" ? text : undefined,
    });
  assert.equal(from("fund=false\ncafile = /etc/company.pem\n").ca, "/etc/company.pem");
  assert.deepEqual(from(undefined), { buildArgs: [], npmrc: undefined, ca: undefined });
});
