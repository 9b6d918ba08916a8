/** What tests/support/spring_files.ts says of Spring Boot, asked of Spring Boot. */

import assert from "node:assert/strict";
import { startCallerProcess } from "../support/caller_process.ts";
import { buildJava } from "../support/java_lab.ts";
import { ASKED, SPRING_CASES } from "../support/spring_files.ts";

const at = (path: string) => new URL(path, import.meta.url);

/** Spring Boot, and the Spring Cloud that goes with it. */
const VERSIONS = [["2.7.18", "3.1.9"], ["3.5.16", "4.3.1"]] as const;

for (const [boot, cloud] of VERSIONS) {
  Deno.test(`Spring Boot ${boot} reads files as the unit test says`, async (t) => {
    const built = await buildJava({
      name: `spring-files-${boot}`,
      pom: at("spring/pom.xml"),
      sources: [at("spring/SpringFiles.java"), at("callers/JsonLines.java")],
      properties: { "boot.version": boot, "cloud.version": cloud },
    });
    await using spring = await startCallerProcess({
      label: `Spring Boot ${boot}`,
      command: "java",
      args: ["-cp", `${built.classes}:${built.lib}/*`, "SpringFiles"],
      env: {},
      secrets: [],
    });
    for (const [name, { files, env = {}, expected }] of Object.entries(SPRING_CASES)) {
      await t.step(name, async () => {
        const { values } = await spring.ask("resolve", { files, env, names: ASKED });
        assert.deepEqual(values, expected);
      });
    }
  });
}
