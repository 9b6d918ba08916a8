/** Servers that want a certificate of their clients, in front of a stand-in. */

import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { TLS, tlsFile } from "./tls.ts";

export interface MutualTls extends AsyncDisposable {
  /** `https://127.0.0.1:port`. */
  readonly origin: string;
  /** Connections of clients that showed a certificate that it takes. */
  readonly accepted: () => number;
}

/** Starts one that passes each request on to `http://target`. `Deno.serve` asks for no certificate. */
export async function startMutualTls(target: string): Promise<MutualTls> {
  const ca = Deno.readTextFileSync(tlsFile("client_ca.pem"));
  let accepted = 0;
  const server = createServer(
    { ...TLS, ca, requestCert: true, rejectUnauthorized: true },
    async (req, res) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of req) chunks.push(chunk);
      const method = req.method ?? "GET";
      const { host: _, connection: __, "content-length": ___, ...headers } = req.headers;
      const answer = await fetch(`http://${target}${req.url}`, {
        method,
        headers: headers as Record<string, string>,
        ...chunks.length > 0 ? { body: new Blob(chunks as BlobPart[]) } : {},
      });
      const body = await answer.bytes();
      const type = answer.headers.get("content-type") ?? "text/plain";
      res.writeHead(answer.status, { "content-type": type, "content-length": body.length });
      res.end(method === "HEAD" ? undefined : body);
    },
  );
  server.on("secureConnection", () => accepted++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accepted: () => accepted,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
