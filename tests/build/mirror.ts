/** A company's npm mirror: TLS by a CA that nobody knows, and credentials for each request. */

import { TLS } from "../support/tls.ts";

export interface Mirror extends AsyncDisposable {
  /** `https://127.0.0.1:port/npm/`. */
  readonly url: string;
  /** What `.npmrc` calls it: the URL without `https:`. */
  readonly key: string;
  /** Paths that were served, in order. */
  readonly served: readonly string[];
  /** The ports that those were asked from. */
  readonly ports: ReadonlySet<number>;
  /** Requests without the credentials: each got a 401. */
  readonly refused: () => number;
}

/**
 * Starts one that passes each request on to the registry of this machine's own npm.
 *
 * @param authorizations what it takes: `Bearer …`, `Basic …`
 */
export async function startMirror(authorizations: readonly string[]): Promise<Mirror> {
  const upstream = await ownRegistry();
  const served: string[] = [];
  const ports = new Set<number>();
  let refused = 0;
  const answer = async (
    request: Request,
    { remoteAddr }: Deno.ServeHandlerInfo<Deno.NetAddr>,
  ): Promise<Response> => {
    if (!authorizations.includes(request.headers.get("authorization") ?? "")) {
      refused++;
      return new Response("who are you?", { status: 401 });
    }
    const { pathname, search } = new URL(request.url);
    const path = pathname.slice("/npm/".length);
    const accept = request.headers.get("accept") ?? "*/*";
    const got = await fetch(`${upstream}${path}${search}`, { headers: { accept } });
    served.push(path);
    ports.add(remoteAddr.port);
    const type = got.headers.get("content-type") ?? "";
    const headers = { "content-type": type };
    if (!type.includes("json")) return new Response(got.body, { status: got.status, headers });
    // Where to get a package's archive stands in its description.
    const text = (await got.text()).replaceAll(upstream, url);
    return new Response(text, { status: got.status, headers });
  };
  const options = { ...TLS, hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(options, answer);
  const key = `//127.0.0.1:${server.addr.port}/npm/`;
  const url = `https:${key}`;
  return {
    ...{ url, key, served, ports },
    refused: () => refused,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function ownRegistry(): Promise<string> {
  const args = ["config", "get", "registry"];
  const { stdout } = await new Deno.Command("npm", { args }).output();
  const url = new TextDecoder().decode(stdout).trim();
  return url.endsWith("/") ? url : `${url}/`;
}
