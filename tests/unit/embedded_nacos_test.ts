/**
 * The stand-in for Nacos keeps the contract that real servers keep, and what tests need beside it.
 */

import assert from "node:assert/strict";
import { nacosWireContract } from "../contract/nacos_wire.ts";
import { type EmbeddedNacosOptions, startEmbeddedNacos } from "../embedded/nacos.ts";
import { list, login, patch, record, register, send } from "../support/nacos_client.ts";
import { eventually, pause } from "../support/pause.ts";

const quick = { pushDelayMs: 15 };
const variants: EmbeddedNacosOptions[] = [
  ...(["1.4", "2.x", "3.1", "3.2"] as const).flatMap((generation) =>
    [true, false].map((auth) => ({
      ...(generation === "1.4" ? {} : quick),
      generation,
      auth,
    }))
  ),
  { ...quick, generation: "3.1", auth: false, adminAuth: true },
  { ...quick, generation: "2.x", auth: true, versionEndpoint: false },
];

for (const options of variants) {
  const server = await startEmbeddedNacos(options);
  const without = options.versionEndpoint === false ? " without version" : "";
  nacosWireContract(server.label + without, server, () => server);
  Deno.test.afterAll(() => server.shutdown());
}

const instance = { serviceName: "orders", ip: "10.0.0.1", port: 8080 };

embedded("shows a change after 600 ms on 2.x", { generation: "2.x" }, async (server) => {
  await register(server, instance);
  assert.equal((await list(server, instance)).length, 1);
  const before = performance.now();
  await patch(server, instance, { enabled: "false", weight: "1" });
  while ((await list(server, instance)).length > 0) await pause(10);
  const took = performance.now() - before;
  assert.ok(took >= 590 && took < 20_000, `${took} ms`);
});

for (
  const [who, auth, password, extra] of [
    ["a wrong password", true, () => "wrong", ""],
    // Nobody can log in while auth is off: an empty token, and no status.
    [
      "the right one with auth off",
      false,
      (right: string) => right,
      "Authorization: Bearer \\r\\n",
    ],
  ] as const
) {
  embedded(`answers ${who} as 2.2.4 does`, { generation: "2.x", auth }, async (server) => {
    const { port, admin } = server;
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const form = `username=nacos&password=${password(admin?.password ?? "")}`;
    const request = "POST /nacos/v1/auth/users/login HTTP/1.1\r\nHost: x\r\n" +
      "Content-Type: application/x-www-form-urlencoded\r\n" +
      `Content-Length: ${form.length}\r\n\r\n${form}`;
    await conn.write(new TextEncoder().encode(request));
    const buffer = new Uint8Array(1000);
    const head = new TextDecoder().decode(buffer.subarray(0, await conn.read(buffer) ?? 0));
    assert.match(head, new RegExp(`^HTTP/1\\.1 0 \\r\\n${extra}Date: [^\\r]+\\r\\n\\r\\n$`));
    // The connection stays open.
    const next = conn.read(buffer).catch(() => null);
    assert.equal(await Promise.race([next, pause(100).then(() => "open")]), "open");
    conn.close();
    await next;
  });
}

embedded("keeps what a gRPC client registered", { ...quick, generation: "3.1" }, async (server) => {
  server.registerGrpc({ ...instance, metadata: { a: "b" } });
  const query = { serviceName: "orders", ip: "10.0.0.1", port: "8080" };
  const answer = await send(server, "DELETE", "/v1/ns/instance", { query });
  assert.deepEqual([answer.status, answer.body], [200, "ok"]);
  await pause(60);
  assert.equal((await list(server, instance)).length, 1);
  server.disconnectGrpc(instance);
  await eventually(async () => {
    await list(server, instance);
    assert.deepEqual(server.instances(), []);
  });
});

embedded(
  "forgets the flag after its time",
  { ...quick, generation: "2.x", flagMemoryMs: 50 },
  async (server) => {
    server.registerGrpc(instance);
    server.change(instance, { enabled: false, weight: 1 });
    server.disconnectGrpc(instance);
    await pause(80);
    server.registerGrpc(instance);
    await eventually(async () => assert.equal((await record(server, instance))?.enabled, true));
  },
);

embedded(
  "lets an instance without beats go",
  { ...quick, generation: "2.x", beatTimeoutMs: 500 },
  async (server) => {
    await register(server, instance);
    assert.equal((await list(server, instance))[0]?.healthy, true);
    await eventually(async () =>
      assert.equal((await list(server, instance))[0]?.healthy ?? false, false)
    );
    await eventually(async () => assert.deepEqual(await list(server, instance), []));
  },
);

embedded("refuses tokens that have expired", { generation: "3.1", auth: true }, async (server) => {
  const token = await login(server);
  server.dropTokens();
  const query = { serviceName: "orders" };
  const answer = await send(server, "GET", "/v3/client/ns/instance/list", { query, token });
  assert.equal(answer.status, 403);
  assert.equal(JSON.parse(answer.body).message, "Code: 401, Message: token expired!.");
});

embedded(
  "lets logins queue",
  { generation: "3.1", loginDelayMs: 40, loginConcurrency: 2 },
  async (server) => {
    const started = performance.now();
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => login(server)));
    assert.ok(performance.now() - started >= 115);
  },
);

embedded("answers v1 PATCH on 3.1 where it was kept", {
  ...quick,
  generation: "3.1",
  adminCompatibility: true,
}, async (server) => {
  await register(server, instance);
  const form = { serviceName: "orders", ip: "10.0.0.1", port: "8080", enabled: "false" };
  assert.equal((await send(server, "PATCH", "/v1/ns/instance", { form })).body, "ok");
  const unknown = { form: { ...form, ip: "10.0.0.2" } };
  // Measured on 3.1.0: without the words that 2.2.4 puts around it.
  const { status, body } = await send(server, "PATCH", "/v1/ns/instance", unknown);
  assert.deepEqual({ status, body }, { status: 404, body: "no matched ip found!" });
});

Deno.test("startEmbeddedNacos() records requests and lets a test answer instead", async () => {
  const server = await startEmbeddedNacos({
    generation: "3.1",
    contextPath: "/registry",
    intercept: (req, n) =>
      n === 1 ? new Response(`${req.method} ${n}`, { status: 503 }) : undefined,
  });
  try {
    const first = await send(server, "POST", "/v1/auth/users/login", { form: { a: "b" } });
    assert.deepEqual([first.status, first.body], [503, "POST 1"]);
    await send(server, "GET", "/v3/admin/core/state", { query: { c: "d" } });
    assert.deepEqual(
      server.requests.map(({ method, path, search, body }) => [
        method,
        path,
        search,
        body,
      ]),
      [
        ["POST", "/registry/v1/auth/users/login", "", "a=b"],
        ["GET", "/registry/v3/admin/core/state", "?c=d", ""],
      ],
    );
  } finally {
    await server.shutdown();
  }
});

for (const generation of ["2.x", "3.1"] as const) {
  embedded(`listens on IPv6, ${generation}`, { generation, hostname: "::1" }, async (server) => {
    assert.match(server.addr, /^\[::1\]:\d+$/);
    await register(server, instance);
    assert.equal((await list(server, instance)).length, 1);
  });
}

function embedded(
  behaviour: string,
  options: EmbeddedNacosOptions,
  fn: (server: Awaited<ReturnType<typeof startEmbeddedNacos>>) => Promise<void>,
): void {
  Deno.test(`startEmbeddedNacos() ${behaviour}`, async () => {
    const server = await startEmbeddedNacos(options);
    try {
      await fn(server);
    } finally {
      await server.shutdown();
    }
  });
}
