import assert from "node:assert/strict";
import { createSpring } from "../../src/settings/spring.ts";
import { filesOf } from "../support/memory_files.ts";
import { ASKED, SPRING_CASES, ZONE } from "../support/spring_files.ts";

/** Reads as Deno does where only some variables may be read. */
const springOf = (files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>>) =>
  createSpring((name) => env[name], filesOf(files));

for (const [name, { files, env = {}, expected }] of Object.entries(SPRING_CASES)) {
  Deno.test(`createSpring() reads files as Spring Boot does: ${name}`, () => {
    const spring = springOf(files, env);
    const found = [
      ...ASKED.map((one) => [one, spring(one)?.text]),
      [ZONE, spring("eureka.client.service-url", "default-zone")?.text],
    ].filter(([, text]) => text !== undefined);
    assert.deepEqual(Object.fromEntries(found), expected);
  });
}
