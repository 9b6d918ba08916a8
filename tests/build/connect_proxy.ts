/** A company's proxy: the only way out, by CONNECT. */

export interface ConnectProxy extends AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** The ports of its own ends of connections to servers. */
  readonly ports: ReadonlySet<number>;
}

export function startConnectProxy(): ConnectProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ports = new Set<number>();
  const serving = (async () => {
    for await (const client of listener) pass(client, ports).catch(() => client.close());
  })();
  return {
    ...{ url: `http://127.0.0.1:${listener.addr.port}`, ports },
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

async function pass(client: Deno.TcpConn, ports: Set<number>): Promise<void> {
  const head = new Uint8Array(4096);
  const text = new TextDecoder().decode(head.subarray(0, await client.read(head) ?? 0));
  const [, hostname = "", port] = /^CONNECT ([^:\s]+):(\d+) /.exec(text) ?? [];
  const server = await Deno.connect({ hostname, port: Number(port) });
  ports.add(server.localAddr.port);
  await client.write(new TextEncoder().encode("HTTP/1.1 200 Connection established\r\n\r\n"));
  await Promise.allSettled([
    client.readable.pipeTo(server.writable),
    server.readable.pipeTo(client.writable),
  ]);
}
