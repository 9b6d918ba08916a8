/** The program's contract with Nacos on the stand-ins; `tests/registries` runs it on real servers. */

import { nacosProgramContract } from "../contract/nacos_program.ts";
import { startEmbeddedNacos } from "../embedded/nacos.ts";

for (
  const options of [
    { generation: "1.4", auth: true },
    { generation: "2.x", auth: true },
    { generation: "2.x", auth: false },
    { generation: "3.1", auth: true },
    { generation: "3.1", auth: false },
    { generation: "3.2", auth: true },
  ] as const
) {
  const server = await startEmbeddedNacos({ ...options, pushDelayMs: 50 });
  nacosProgramContract(server.label, server, () => server);
  Deno.test.afterAll(() => server.shutdown());
}
