/** Nothing but the registry is called: no update check, no telemetry, no proxy. */

import assert from "node:assert/strict";
import { KIT_DENO_DIR } from "../../scripts/places.ts";
import { assertEnd, drained } from "../support/ends.ts";
import { startLab } from "../support/lab.ts";
import { startContainer } from "./container.ts";
import { hostileIn } from "./hostile.ts";
import { KIT_BASE } from "./kit_disk.ts";
import type { RootName } from "./root.ts";
import { rootTest } from "./root_test_case.ts";

/** Addresses with ports that a traced run has opened a connection to, or sent a datagram. */
function called(trace: string): string[] {
  const pattern = /sin6?_port=htons\((\d+)\).*?(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"/g;
  return [...new Set([...trace.matchAll(pattern)].map(([, port, ip]) => `${ip}:${port}`))];
}

const STRACE = ["/usr/bin/strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg"];

async function traced(root: RootName, more: Record<string, string>) {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "3" } });
  await using container = await startContainer({ root });
  const file = Deno.makeTempFileSync();
  try {
    const launcher = [...STRACE, "-o", file, ...container.launcher];
    // Deno 2.9.6 asks its own host for a newer version after 500 ms.
    const run = await lab.run("offline", more, { launcher });
    assertEnd(run, "done", drained(3));
    return { calls: called(Deno.readTextFileSync(file)), registry: lab.server.addr };
  } finally {
    Deno.removeSync(file);
  }
}

for (const root of ["busybox", "debian"] as const) {
  rootTest(`${root}: the only address that is called is the registry's`, async () => {
    const { DENO_LOG: _, ...hostile } = hostileIn(root);
    const { calls, registry } = await traced(root, hostile);
    assert.deepEqual(calls, [registry]);
  });
}

if (KIT_BASE === "deno") {
  rootTest("empty: without a shell and the kit's notes the update check is seen", async () => {
    // Which also shows that it would be seen in the other tests: it begins with a look-up by DNS.
    const { calls } = await traced("empty", { DENO_DIR: "/dev/null" });
    assert.ok(calls.some((address) => address.endsWith(":53")), calls.join(" "));
  });
} else {
  rootTest("empty: the compiled executable makes no update check, without any notes", async () => {
    const { calls, registry } = await traced("empty", {});
    assert.deepEqual(calls, [registry]);
  });
}

rootTest("empty: the same, with the two variables that the kit's notes name", async () => {
  const { calls, registry } = await traced("empty", {
    DENO_NO_UPDATE_CHECK: "1",
    DENO_DIR: KIT_DENO_DIR,
  });
  assert.deepEqual(calls, [registry]);
});
