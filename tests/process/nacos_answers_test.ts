/** Answers of whoever stands before a Nacos, or in its place: gateways, and Nacos' other ports. */

import assert from "node:assert/strict";
import { json, text } from "../embedded/nacos_answers.ts";
import { runInside } from "../support/inside.ts";
import { atOnce, sideBySide } from "../support/at_once.ts";
import { assertEnd, assertStatusEnd } from "../support/ends.ts";
import { startLab } from "../support/lab.ts";

runInside();
const test = sideBySide("answers of others");

const page = (body: string) =>
  new Response(body, { status: 404, headers: { "content-type": "text/html" } });

/** What ingresses and gateways answer to a host or path that they do not know. */
const FOREIGN_404: Readonly<Record<string, () => Response>> = {
  HTML: () => page("<html><head><title>404 Not Found</title></head></html>"),
  "no body": () => new Response(null, { status: 404 }),
  "a default backend": () => text("default backend - 404", 404),
  JSON: () => json({ message: "no Route matched with those values" }, 404),
  "words that are nearly a registry's": () => text("service not found", 404),
};

test.each(
  "a foreign 404 for everything is no registry, and names the context path",
  FOREIGN_404,
  async (answer) => {
    await using lab = await startLab({ intercept: answer });
    const why = /not what a Nacos server answers to this; is the context path right/;
    assertStatusEnd(await lab.run("status"), "unreachable", why);
    const run = await lab.run("check");
    assertStatusEnd(run, "unreachable", why);
    assert.match(run.stdout, /FAILED server: GET .* answered 404/);
    assert.doesNotMatch(run.stdout, /its API is/);
  },
);

test("a foreign 404 after the write is no deregistration", async (t) => {
  await atOnce(
    t,
    Object.fromEntries(
      (["2.x", "3.1"] as const).flatMap((generation) =>
        Object.entries(FOREIGN_404).map(([name, answer]) => [`${name}, ${generation}`, async () => {
          let written = false;
          await using lab = await startLab({
            generation,
            env: { DRAIN_SECONDS: "2", TERMINATION_GRACE_PERIOD_SECONDS: "20" },
            intercept: (req) => {
              if (written) return answer();
              written = req.method === "PATCH" || req.method === "PUT";
              return undefined;
            },
          });
          const run = await lab.run("offline");
          assert.doesNotMatch(run.stdout, /deregistered/);
          assert.notEqual(run.code, 0, run.stdout);
        }])
      ),
    ),
  );
});

test("a forbidden /v3/admin/core/state is no 3.x: the v1 calls tell", async (t) => {
  const forbid = (req: Request) =>
    new URL(req.url).pathname.endsWith("/v3/admin/core/state")
      ? text("RBAC: access denied", 403)
      : undefined;
  await atOnce(
    t,
    Object.fromEntries(
      (["1.4", "2.x", "3.1"] as const).flatMap((generation) =>
        [true, false].map((auth) => [`${generation}, auth ${auth ? "on" : "off"}`, async () => {
          // It ends long before: room for a machine that is busy all of a sudden.
          const env = { TERMINATION_GRACE_PERIOD_SECONDS: "60" };
          await using lab = await startLab({ generation, auth, intercept: forbid, env });
          assertEnd(await lab.run("offline"), "done", /callers no longer get it/);
          assert.deepEqual(await lab.callersGet(), []);
          const run = await lab.run("check");
          assertStatusEnd(run, "done");
          assert.match(run.stdout, generation === "3.1" ? /its API is v3/ : /its API is v1/);
        }])
      ),
    ),
  );
});

test("where everything is forbidden, that is said of both", async () => {
  await using lab = await startLab({ intercept: () => text("RBAC: access denied", 403) });
  const run = await lab.run("status");
  assertStatusEnd(run, "refused", /core\/state is forbidden/, /set NACOS_USERNAME/);
});

test("a state that is forbidden for a moment is asked for again", async () => {
  let asked = 0;
  await using lab = await startLab({
    generation: "3.2",
    env: { TERMINATION_GRACE_PERIOD_SECONDS: "60" },
    intercept: () => asked++ < 3 ? text("no access yet", 403) : undefined,
  });
  assertEnd(await lab.run("offline"), "done", /callers no longer get it/);
});

test("the console of 3.1.0 is named", async () => {
  await using lab = await startLab({
    generation: "3.1",
    intercept: (req) => {
      const path = new URL(req.url).pathname.slice(1);
      return text(`caused: No static resource ${path}.;`, 500);
    },
  });
  assertStatusEnd(await lab.run("status"), "unreachable", /this looks like the console's port/);
});

test("the gRPC port is named", async () => {
  // What an HTTP/2 server sends first: its settings.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = async () => {
    for await (const connection of listener) {
      await connection.write(new Uint8Array([0, 0, 0, 4, 0, 0, 0, 0, 0])).catch(() => {});
    }
  };
  const served = serve();
  await using lab = await startLab();
  const run = await lab.run("status", {
    NACOS_SERVER_ADDR: `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
  });
  assertStatusEnd(run, "unreachable", /this looks like the gRPC port/);
  listener.close();
  await served;
});

test("a metadata that speaks of them is none of these", async () => {
  const words = 'caused: No static resource "NO_LOGIN" invalid HTTP version; 404 service not found';
  await using lab = await startLab({ instance: { metadata: { words } } });
  assertStatusEnd(await lab.run("status"), "done", /: in service\n/);
});
