/** A company's proxy: the only way out, by CONNECT. */

export interface ConnectProxy extends AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** Whom its clients wanted: `127.0.0.1:443`. */
  readonly wanted: readonly string[];
}

export function startConnectProxy(): ConnectProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const wanted: string[] = [];
  const serving = (async () => {
    for await (const client of listener) pass(client, wanted).catch(() => client.close());
  })();
  return {
    ...{ url: `http://127.0.0.1:${listener.addr.port}`, wanted },
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

async function pass(client: Deno.TcpConn, wanted: string[]): Promise<void> {
  const head = new Uint8Array(4096);
  const text = new TextDecoder().decode(head.subarray(0, await client.read(head) ?? 0));
  const [, hostname = "", port] = /^CONNECT ([^:\s]+):(\d+) /.exec(text) ?? [];
  wanted.push(`${hostname}:${port}`);
  const server = await Deno.connect({ hostname, port: Number(port) });
  await client.write(new TextEncoder().encode("HTTP/1.1 200 Connection established\r\n\r\n"));
  await Promise.allSettled([
    client.readable.pipeTo(server.writable),
    server.readable.pipeTo(client.writable),
  ]);
}
