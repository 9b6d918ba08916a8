import assert from "node:assert/strict";
import { UnreachableError } from "../../src/errors.ts";
import { createConnection } from "../../src/registry/connection.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";

const { signal } = new AbortController();

/** An endpoint that gives these answers in turn to who connects: our own address, or an error. */
function createEndpoint(...answers: readonly (string | Error)[]) {
  let connects = 0;
  const endpoint: Endpoint = {
    root: "http://n1:8761/eureka",
    connect() {
      const answer = answers[connects++];
      return typeof answer === "string" ? Promise.resolve(answer) : Promise.reject(answer);
    },
    request: () => Promise.reject(new Error("nobody asks")),
  };
  return { endpoint, connects: () => connects };
}

Deno.test("createConnection() connects once, and knows our own address from then on", async () => {
  const { endpoint, connects } = createEndpoint("10.0.0.7");
  const connection = createConnection(endpoint);
  assert.deepEqual([connection.root, connection.ownAddress], [endpoint.root, undefined]);
  await connection.connect(signal);
  await connection.connect(signal);
  assert.deepEqual([connection.ownAddress, connects()], ["10.0.0.7", 1]);
});

Deno.test("createConnection() connects anew after a loss, maybe from another address", async () => {
  const { endpoint, connects } = createEndpoint("10.0.0.7", "10.0.1.7");
  const connection = createConnection(endpoint);
  await connection.connect(signal);
  connection.lost();
  assert.equal(connection.ownAddress, "10.0.0.7");
  await connection.connect(signal);
  assert.deepEqual([connection.ownAddress, connects()], ["10.0.1.7", 2]);
});

Deno.test("createConnection() takes a failure for no connection", async () => {
  const { endpoint, connects } = createEndpoint(new UnreachableError("refused"), "10.0.0.7");
  const connection = createConnection(endpoint);
  await assert.rejects(connection.connect(signal), { outcome: "unreachable" });
  assert.equal(connection.ownAddress, undefined);
  await connection.connect(signal);
  assert.deepEqual([connection.ownAddress, connects()], ["10.0.0.7", 2]);
});
