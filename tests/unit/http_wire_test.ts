import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { requestBytes } from "../../src/http/message.ts";
import { createWire, type Wire } from "../../src/http/wire.ts";

const GET = {
  bytes: requestBytes("GET", "/", { host: "h" }, ""),
  isHead: false,
  isFresh: false,
};
const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/** A server that does as told for each request, by its number on the connection and the connection's. */
async function withServer(
  fate: (request: number, connection: number) => string | "close" | "reset" | "hang",
  use: (server: { url: URL; connections: () => number; requests: () => number }) => Promise<void>,
) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  let connections = 0;
  let requests = 0;
  const serve = async (conn: Deno.TcpConn, number: number) => {
    open.add(conn);
    const buffer = new Uint8Array(1024);
    try {
      for (let request = 1; await conn.read(buffer) !== null; request++) {
        requests++;
        const what = fate(request, number);
        if (what === "close") break;
        if (what !== "hang") await conn.write(new TextEncoder().encode(what));
      }
    } catch {
      // Reset by the client.
    }
    if (open.delete(conn)) conn.close();
  };
  const accepting = (async () => {
    const all: Promise<void>[] = [];
    for await (const conn of listener) all.push(serve(conn, ++connections));
    await Promise.all(all);
  })();
  const { port } = listener.addr as Deno.NetAddr;
  try {
    await use({
      url: new URL(`http://127.0.0.1:${port}`),
      connections: () => connections,
      requests: () => requests,
    });
  } finally {
    listener.close();
    for (const conn of open) {
      open.delete(conn);
      conn.close();
    }
    await accepting;
  }
}

async function ask(wire: Wire, request = GET, signal = new AbortController().signal) {
  using answer = await wire.exchange(request, signal);
  const into = new Uint8Array(10);
  const count = await answer.body.read(into);
  assert.equal(await answer.body.read(into), null);
  return `${answer.status} ${new TextDecoder().decode(into.subarray(0, count ?? 0))}`;
}

Deno.test("createWire() takes what `connect` has opened, and keeps it for further requests", async () => {
  await withServer(() => OK, async ({ url, connections }) => {
    const end = new AbortController();
    const wire = createWire(url, { clock: systemClock, caCerts: undefined, keepUntil: end.signal });
    assert.equal(await wire.connect(end.signal), "127.0.0.1");
    for (let i = 0; i < 3; i++) assert.equal(await ask(wire), "200 ok");
    assert.equal(connections(), 1);
    assert.equal(await ask(wire, { ...GET, isFresh: true }), "200 ok");
    assert.equal(connections(), 2);
    // Nothing is left open then: the sanitizer of this test looks.
    end.abort();
  });
});

Deno.test("createWire() asks once more where a kept connection has ended", async () => {
  const closesFirst = (request: number, connection: number) =>
    connection === 1 && request === 2 ? "close" : OK;
  await withServer(closesFirst, async ({ url, connections }) => {
    const end = new AbortController();
    const wire = createWire(url, { clock: systemClock, caCerts: undefined, keepUntil: end.signal });
    assert.equal(await ask(wire), "200 ok");
    assert.equal(await ask(wire), "200 ok");
    assert.equal(connections(), 2);
    end.abort();
  });
});

Deno.test("createWire() sends nothing twice on a new connection", async () => {
  await withServer(() => "close", async ({ url, requests }) => {
    const wire = createWire(url, { clock: systemClock, caCerts: undefined });
    await assert.rejects(ask(wire), /closed before an answer/);
    assert.equal(requests(), 1);
  });
});

Deno.test("createWire() keeps no connection whose answer was not read to its end", async () => {
  await withServer(() => OK, async ({ url, connections }) => {
    const end = new AbortController();
    const wire = createWire(url, { clock: systemClock, caCerts: undefined, keepUntil: end.signal });
    {
      using answer = await wire.exchange(GET, end.signal);
      assert.equal(answer.status, 200);
    }
    assert.equal(await ask(wire), "200 ok");
    assert.equal(connections(), 2);
    end.abort();
  });
});

Deno.test("createWire() ends with the signal, whatever is under way", async () => {
  const answers: Record<string, string> = { head: "hang", body: OK.slice(0, -1) };
  for (const [name, what] of Object.entries(answers)) {
    await withServer(() => what, async ({ url, requests }) => {
      const wire = createWire(url, { clock: systemClock, caCerts: undefined });
      const end = new AbortController();
      const asking = ask(wire, GET, end.signal);
      while (requests() === 0) await systemClock.sleep(1);
      end.abort();
      await assert.rejects(asking, Error, name);
    });
  }
});
