/** An endpoint that the program is to call, and what it was called with. */

interface ReceivedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  /** When it came, milliseconds since the epoch. */
  readonly at: number;
}

interface CalledEndpoint extends AsyncDisposable {
  /** `http://127.0.0.1:port`, without a slash at its end. */
  readonly rootUrl: string;
  readonly calls: readonly ReceivedCall[];
}

/** Starts an endpoint on 127.0.0.1. @param answer what it answers; by default 200 with no body */
export function startCalled(
  answer: (request: Request) => Response | Promise<Response> = () => new Response(),
): CalledEndpoint {
  const calls: ReceivedCall[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { method, headers, url } = request;
    const { pathname, search } = new URL(url);
    calls.push({ method, path: pathname + search, headers, at: Date.now() });
    return answer(request);
  });
  return {
    rootUrl: `http://127.0.0.1:${server.addr.port}`,
    calls,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
