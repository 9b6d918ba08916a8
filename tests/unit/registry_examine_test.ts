import assert from "node:assert/strict";
import { NotFoundError, RefusedError, UnreachableError } from "../../src/errors.ts";
import { examine, type Finding, permission } from "../../src/registry/examine.ts";
import { createFakeClock } from "../support/fake_clock.ts";

const signal = new AbortController().signal;
const clock = createFakeClock();

function serverAt(root: string, connect: () => Promise<void> = () => Promise.resolve()) {
  return { root, ownAddress: "10.0.0.7", connect };
}

async function* found(...findings: readonly (Finding | Error)[]): AsyncGenerator<Finding> {
  for (const one of findings) {
    await Promise.resolve();
    if (one instanceof Error) throw one;
    yield one;
  }
}

const SERVER: Finding = { about: "server", ok: true, text: "Nacos" };

async function examined(root: string, ...findings: readonly (Finding | Error)[]) {
  const { address, findings: all } = await examine(
    serverAt(root),
    found(...findings),
    clock,
    signal,
  );
  assert.equal(address, root);
  return all.map(({ about, ok }) => `${about} ${ok}`);
}

Deno.test("examine() has the connection first, for https the certificate", async () => {
  assert.deepEqual(await examined("http://n1", SERVER), ["connection true", "server true"]);
  assert.deepEqual(
    await examined("https://n1", SERVER),
    ["connection true", "certificate true", "server true"],
  );
});

Deno.test("examine() ends where there is no connection", async () => {
  const dead = serverAt("https://n1", () => Promise.reject(new UnreachableError("refused")));
  const { findings } = await examine(dead, found(SERVER), clock, signal);
  assert.deepEqual(findings, [{ about: "connection", ok: false, text: "refused" }]);
});

Deno.test("examine() tells what is wrong with a certificate from other failures", async () => {
  for (const kind of ["certificate", "protocol", undefined] as const) {
    const failing = found(new UnreachableError("why", { kind }));
    const { findings } = await examine(serverAt("https://n1"), failing, clock, signal);
    const about = kind === "certificate" ? kind : "server";
    assert.deepEqual(findings[1], { about, ok: false, text: "why" });
  }
});

Deno.test("examine() names a refusal and a server that gives no answer, and throws nothing", async () => {
  const refused = await examined("http://n1", new RefusedError("401"));
  assert.deepEqual(refused, ["connection true", "login false"]);
  const broken = await examined("http://n1", SERVER, new TypeError("a bug"));
  assert.deepEqual(broken, ["connection true", "server true", "server false"]);
});

Deno.test("permission() is there where nothing was found, not where it is refused", async () => {
  const of = async (about: "read" | "write", error?: Error) =>
    (await permission(about, error ? Promise.reject(error) : Promise.resolve())).ok;
  assert.equal(await of("write", new NotFoundError("no")), true);
  assert.equal(await of("write", new RefusedError("403")), false);
  assert.equal(await of("write", new UnreachableError("500")), null);
  // Nothing can be written to nobody.
  assert.equal(await of("write"), null);
  assert.equal(await of("read"), true);
  await assert.rejects(permission("read", Promise.reject(new TypeError("a bug"))), TypeError);
});
