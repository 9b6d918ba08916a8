import assert from "node:assert/strict";
import { DOCKERFILE, withEntrypoint } from "../../scripts/entrypoint.ts";
import { filled } from "../../scripts/image_network.ts";

Deno.test("the image on deno has the kit's command; `deno task readme` writes it", async () => {
  const dockerfile = await Deno.readTextFile(DOCKERFILE);
  assert.match(dockerfile, /^ENTRYPOINT \["\/loader",.*--allow-env=[^"]*,DENO_CERT,/m);
  assert.equal(dockerfile, withEntrypoint(dockerfile));
});

Deno.test("filled() gives an .npmrc the values that npm would, and leaves what is not set", () => {
  const npmrc = "//npm.example.com/:_authToken=${TOKEN}\nproxy=${PROXY?}\nregistry=${UNSET}\n";
  assert.equal(
    filled(npmrc, { TOKEN: "a$&b" }),
    "//npm.example.com/:_authToken=a$&b\nproxy=\nregistry=${UNSET}\n",
  );
});
