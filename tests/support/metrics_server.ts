/** An app as far as its metrics go: it counts its requests as Spring Boot does. */

export interface MetricsServer extends AsyncDisposable {
  readonly url: string;
  readonly reads: readonly { readonly at: number; readonly headers: Headers }[];
  /** The moment of the last request to `/`, milliseconds since the epoch; 0 before the first. */
  readonly lastCallAt: number;
  /** Answers so from now on; undefined: as it should. */
  respond(how: ((request: Request) => Response | Promise<Response>) | undefined): void;
  call(path?: string): void;
  /** It gets a request every 100 ms, until told otherwise or disposed of. */
  keepCalling(path?: string): { stop(): void };
  restart(): void;
  shutdown(): Promise<void>;
}

const PATH = "/actuator/prometheus";

export function startMetricsServer(tls?: Deno.TlsCertifiedKeyPem): MetricsServer {
  const counts = new Map([["/", 7]]);
  const reads: { at: number; headers: Headers }[] = [];
  const timers = new Set<ReturnType<typeof setInterval>>();
  let answer: ((request: Request) => Response | Promise<Response>) | undefined;
  let lastCallAt = 0;
  let down: Promise<void> | undefined;
  const call = (path = "/") => {
    counts.set(path, (counts.get(path) ?? 0) + 1);
    if (path === "/") lastCallAt = Date.now();
  };
  const listen = { hostname: "127.0.0.1", port: 0, onListen() {}, ...tls };
  const server = Deno.serve(listen, async (request) => {
    reads.push({ at: Date.now(), headers: request.headers });
    const { pathname } = new URL(request.url);
    const response = answer !== undefined
      ? await answer(request)
      : pathname === PATH
      ? new Response(metrics(counts))
      : new Response("Not Found", { status: 404 });
    // It counts what has ended, also its own reads.
    call(pathname === PATH ? PATH : "/**");
    return response;
  });
  const shutdown = () => down ??= server.shutdown();
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${server.addr.port}${PATH}`,
    reads,
    get lastCallAt() {
      return lastCallAt;
    },
    respond: (how) => void (answer = how),
    call,
    keepCalling(path) {
      const timer = setInterval(() => call(path), 100);
      timers.add(timer);
      return { stop: () => clearInterval(timer) };
    },
    restart: () => counts.clear(),
    shutdown,
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearInterval(timer);
      await shutdown();
    },
  };
}

function metrics(counts: ReadonlyMap<string, number>): string {
  const name = "http_server_requests_seconds";
  const series = [...counts].map(([uri, count]) =>
    `${name}_count{error="none",method="GET",outcome="SUCCESS",status="200",uri="${uri}"} ${count}\n`
  );
  return `# HELP ${name}  \n# TYPE ${name} summary\n${
    series.join("")
  }jvm_threads_live_threads 23\n`;
}
