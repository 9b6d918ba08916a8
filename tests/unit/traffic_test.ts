import assert from "node:assert/strict";
import { UnreachableError } from "../../src/errors.ts";
import type { Endpoint, HttpRequest } from "../../src/http/endpoint.ts";
import { SETTINGS } from "../support/settings.ts";
import { readSettings } from "../../src/settings/read.ts";
import { createTraffic, type Traffic, trafficInWords } from "../../src/traffic/traffic.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createLogEvents } from "../support/log_events.ts";
import { SPRING_BOOT_3_5 } from "../support/spring_metrics.ts";

const URL_SET = "http://127.0.0.1:8080/actuator/prometheus";

/** What the app answers to one read; text is that with 200, an error is thrown. */
type Answer = string | number | Error | "never";

/** A counter of requests to `/`, as Spring Boot prints it, after whatever else was counted. */
function counter(count: number, more: Record<string, number> = {}): string {
  return Object.entries({ "/": count, ...more })
    .map(([uri, value]) => `http_server_requests_seconds_count{status="200",uri="${uri}"} ${value}`)
    .join("\n");
}

/** How long the longest running request has been running. */
function running(seconds: number): string {
  return `\nhttp_server_requests_active_seconds_max{uri="UNKNOWN"} ${seconds}\n`;
}

/** An app that answers so, and the traffic that the settings make of it. */
function prepare(env: Record<string, string> = {}) {
  const clock = createFakeClock();
  const start = clock.now();
  const { log, messages } = createLogEvents(clock);
  const requests: { readonly at: number; readonly request: HttpRequest }[] = [];
  let made = 0;
  let under = 0;
  let answer: Answer = counter(0);
  let tookMs = 0;
  const endpoint: Endpoint = {
    root: "http://127.0.0.1:8080",
    connect: () => assert.fail("nobody asks who is there"),
    async request(request, signal) {
      const words = `GET http://127.0.0.1:8080${request.path}`;
      assert.equal(++under, 1, "one read at a time");
      requests.push({ at: clock.now() - start, request });
      const now = answer;
      await clock.sleep(now === "never" ? 1e9 : tookMs, signal);
      under--;
      if (signal.aborted) throw new UnreachableError(`${words}: no answer in time`);
      if (now instanceof Error) throw now;
      const [status, body] = typeof now === "number" ? [now, "no"] : [200, now];
      return { status, body, excerpt: body.slice(0, 20), request: words };
    },
  };
  const { values } = readSettings(SETTINGS, {
    flags: {},
    env: (name) => ({ TRAFFIC_URL: URL_SET, ...env })[name],
    readFile: () => "",
  });
  const traffic = createTraffic(values, { clock, log }, () => {
    made++;
    return [endpoint];
  }) as Traffic;
  const end = new AbortController();
  let reads = 0;
  let watching: Promise<void> | undefined;
  async function readUntilTheEnd() {
    while (!end.signal.aborted) {
      const dueAt = await traffic.read(end.signal);
      reads++;
      await clock.sleep(dueAt - clock.now(), end.signal);
    }
  }
  return {
    clock,
    traffic,
    requests,
    messages,
    made: () => made,
    reads: () => reads,
    /** Seconds since the start. */
    at: (moment?: number) => moment === undefined ? undefined : (moment - start) / 1000,
    answers(next: Answer, ms = 0) {
      answer = next;
      tookMs = ms;
    },
    async watch(seconds: number) {
      watching ??= readUntilTheEnd();
      await clock.advance(seconds * 1000);
    },
    /** How long from now until it is quiet, seconds; it must become so. */
    async quietAfter(): Promise<number> {
      const from = clock.now();
      while (!traffic.isQuiet()) {
        if (clock.now() - from > 60_000) assert.fail("it never gets quiet");
        await clock.advance(100);
      }
      return (clock.now() - from) / 1000;
    },
    async stop() {
      end.abort();
      await watching;
      assert.equal(clock.sleeping, 0);
    },
  };
}

Deno.test("createTraffic() does nothing where TRAFFIC_URL is not set, and else nothing yet", async () => {
  const { clock, log } = { clock: createFakeClock(), ...createLogEvents(createFakeClock()) };
  assert.equal(createTraffic({}, { clock, log }), undefined);
  const { made, watch, stop } = prepare();
  assert.equal(made(), 0);
  await watch(0);
  assert.equal(made(), 1);
  await stop();
});

Deno.test("read() is due once a second, and asks for Prometheus text", async () => {
  const { watch, requests, stop, reads } = prepare();
  await watch(3.5);
  await stop();
  assert.deepEqual(requests.map(({ at }) => at), [0, 1000, 2000, 3000]);
  assert.equal(reads(), 4);
  const { method, path, headers, maxBytes } = requests[0]?.request ?? {};
  assert.deepEqual([method, path], ["GET", "/actuator/prometheus"]);
  assert.match(headers?.["accept"] ?? "", /^text\/plain;version=0\.0\.4/);
  assert.equal(headers?.["authorization"], undefined);
  assert.equal(maxBytes, 1024 * 1024);
});

Deno.test("read() sends the user of the URL in the header", async () => {
  const { watch, requests, stop } = prepare({
    TRAFFIC_URL: "http://app:p%40ss@127.0.0.1:8080/actuator/prometheus?includedNames=x",
  });
  await watch(0);
  await stop();
  const { path, headers } = requests[0]?.request ?? {};
  assert.equal(path, "/actuator/prometheus?includedNames=x");
  assert.equal(headers?.["authorization"], `Basic ${btoa("app:p@ss")}`);
});

Deno.test("read() waits for a slow answer, and never longer than 3 s", async () => {
  const { watch, requests, stop, answers, messages, traffic } = prepare();
  answers(counter(1), 2_500);
  await watch(2);
  assert.equal(traffic.report.readable, false);
  await watch(1);
  assert.equal(traffic.report.readable, true);
  answers("never");
  await watch(6.9);
  assert.deepEqual(requests.map(({ at }) => at), [0, 2500, 5000, 8000]);
  assert.match(messages("traffic_unreadable").join(), /no answer in time/);
  await stop();
});

Deno.test("isQuiet() comes QUIET_SECONDS after the last request, and a read has the last word", async () => {
  const { watch, answers, quietAfter, traffic, at, stop } = prepare();
  answers(counter(100));
  await watch(2.5);
  assert.deepEqual([traffic.report.requests, traffic.report.lastRequestAt], [0, undefined]);
  answers(counter(130));
  // Seen by the read at 3 s, so it is quiet with the one at 13 s.
  assert.equal(await quietAfter(), 10.5);
  assert.equal(traffic.report.requests, 30);
  assert.equal(at(traffic.report.lastRequestAt), 3);
  answers(counter(131));
  await watch(1);
  assert.equal(traffic.isQuiet(), false);
  await stop();
});

Deno.test("isQuiet() sees a request that comes when the time is nearly over", async () => {
  const { watch, answers, traffic, stop, at } = prepare();
  answers(counter(5), 200);
  await watch(9.9);
  answers(counter(6), 200);
  await watch(0.2);
  // 10 s are over, but the read that has begun since is not back.
  assert.equal(traffic.isQuiet(), false);
  await watch(0.2);
  assert.equal(traffic.isQuiet(), false);
  assert.equal(at(traffic.report.lastRequestAt), 10.2, "until the answer it may have come");
  await stop();
});

Deno.test("isQuiet() counts from the first read where no request comes at all", async () => {
  const { watch, answers, quietAfter, stop, traffic } = prepare({ QUIET_SECONDS: "3" });
  answers(counter(7));
  await watch(0);
  assert.equal(await quietAfter(), 3);
  assert.equal(traffic.report.lastRequestAt, undefined);
  await stop();
});

Deno.test("isQuiet() with QUIET_SECONDS=0 wants one read without a request", async () => {
  const { watch, answers, traffic, stop } = prepare({ QUIET_SECONDS: "0" });
  answers(counter(7));
  await watch(1.5);
  assert.equal(traffic.isQuiet(), true);
  answers(counter(8));
  await watch(1);
  assert.equal(traffic.isQuiet(), false);
  await watch(1);
  assert.equal(traffic.isQuiet(), true);
  await stop();
});

Deno.test("the rate is that of the last five seconds", async () => {
  const { watch, answers, traffic, stop } = prepare();
  for (let i = 0; i <= 10; i++) {
    answers(counter(1000 + i * 12 + Math.floor(i / 2)));
    await watch(i === 0 ? 0 : 1);
  }
  assert.equal(traffic.report.requestsPerSecond, 12.4 + 0.2);
  assert.equal(trafficInWords(traffic.report), "12.6 requests/s");
  await watch(5);
  assert.equal(traffic.report.requestsPerSecond, 0);
  await stop();
});

Deno.test("health, metrics and the own reads are no traffic", async () => {
  const { watch, answers, traffic, stop } = prepare();
  const paths = [
    "/actuator/prometheus",
    "/actuator/health/**",
    "/health",
    "/health/liveness",
    "/healthz",
    "/metrics",
  ];
  for (let i = 1; i <= 12; i++) {
    answers(counter(5, Object.fromEntries(paths.map((path) => [path, i]))));
    await watch(1);
  }
  assert.deepEqual([traffic.report.requests, traffic.isQuiet()], [0, true]);
  // Not below an excluded path, only alike.
  answers(counter(5, { "/healthy": 1, "/api/health": 1, "/**": 1 }));
  await watch(1);
  assert.equal(traffic.report.requests, 3);
  await stop();
});

Deno.test("TRAFFIC_EXCLUDE says what else is no traffic, and the own reads never are", async () => {
  const counted = async (TRAFFIC_EXCLUDE: string, path: string, label = "uri") => {
    const { watch, answers, traffic, stop } = prepare({
      TRAFFIC_EXCLUDE,
      TRAFFIC_URL: "http://127.0.0.1:8080/api/internal/stats",
    });
    const name = "http_server_requests_seconds_count";
    answers(`${name}{a="b"} 0`);
    await watch(0);
    answers(`${name}{a="b"} 0\n${name}{${label}="${path}"} 1`);
    await watch(1);
    await stop();
    return traffic.report.requests === 1;
  };
  assert.equal(await counted("none", "/actuator/health"), true);
  assert.equal(await counted("/ping,/probe/", "/probe/x"), false);
  assert.equal(await counted("/ping,/probe/", "/probe"), false);
  assert.equal(await counted("/ping", "/ping", "http_route"), false);
  assert.equal(await counted("/ping", "/pings"), true);
  assert.equal(await counted("/", "/"), false);
  assert.equal(await counted("/", "/orders"), true);
  // Spring leaves out the context path.
  assert.equal(await counted("none", "/internal/stats"), false);
  assert.equal(await counted("none", "/api/internal/stats"), false);
  assert.equal(await counted("none", "/"), true);
});

Deno.test("several counters are added up", async () => {
  const { watch, answers, traffic, stop } = prepare({ TRAFFIC_METRIC: "a_total, b_total" });
  answers("a_total 10\n");
  await watch(0);
  assert.equal(traffic.report.lastRequestAt, undefined);
  answers('a_total 11\nb_total{x="y"} 3\nc_total 7\n');
  await watch(1);
  assert.equal(traffic.report.requests, 4);
  await watch(11);
  assert.equal(traffic.isQuiet(), true);
  await stop();
});

Deno.test("a counter that starts again from zero is traffic", async () => {
  const { watch, answers, traffic, at, stop } = prepare();
  answers(counter(5000));
  await watch(1.5);
  answers(counter(3));
  await watch(1);
  assert.deepEqual([traffic.report.requests, at(traffic.report.lastRequestAt)], [3, 2]);
  // It has restarted, and nobody has called it since.
  answers("x 1\n");
  await watch(1);
  assert.deepEqual([traffic.report.requests, at(traffic.report.lastRequestAt)], [3, 3]);
  assert.deepEqual(traffic.report.readable, true);
  await stop();
});

Deno.test("a request that has been running for over a second is traffic, our own read is not", async () => {
  const { watch, answers, traffic, at, stop } = prepare();
  answers(counter(5) + running(1.8), 900);
  await watch(6);
  assert.equal(traffic.report.lastRequestAt, undefined);
  answers(counter(5) + running(4.2), 100);
  await watch(6);
  assert.equal(at(traffic.report.lastRequestAt), 11.1);
  assert.equal(trafficInWords(traffic.report), "0.0 requests/s, one running for 4 s");
  answers(counter(5) + running(0.01));
  await watch(1);
  assert.equal(traffic.report.runningSeconds, undefined);
  await stop();
});

Deno.test("the counter and the running request of Spring Boot 3.5 are found", async () => {
  const { watch, answers, traffic, stop } = prepare();
  answers(SPRING_BOOT_3_5);
  await watch(0);
  answers(
    SPRING_BOOT_3_5.replace('uri="/"} 6', 'uri="/"} 8').replaceAll(
      /(health|prometheus)"} 1/g,
      '$1"} 9',
    ).replace("0.50831205", "1.50831205"),
  );
  await watch(1);
  assert.equal(traffic.report.requests, 2);
  assert.equal(traffic.report.runningSeconds, 1.50831205);
  await stop();
});

Deno.test("a metric that is nowhere in two answers is said once and holds nothing up", async () => {
  const { watch, answers, traffic, messages, stop } = prepare({ TRAFFIC_METRIC: "typo_total" });
  answers(counter(5));
  await watch(0.5);
  assert.deepEqual([messages("traffic_missing"), traffic.isQuiet()], [[], false]);
  await watch(5);
  assert.equal(messages("traffic_missing").length, 1);
  assert.match(messages("traffic_missing")[0] ?? "", /typo_total .*TRAFFIC_METRIC/);
  assert.deepEqual([traffic.isQuiet(), traffic.report.readable], [true, false]);
  await stop();
});

Deno.test("a counter that appears late has counted requests", async () => {
  for (const empty of ["", "# EOF\n", "jvm_x 1\n"]) {
    const { watch, answers, traffic, at, stop, messages } = prepare();
    answers(empty);
    await watch(0.5);
    answers(counter(4, { "/actuator/prometheus": 1 }));
    await watch(1);
    assert.deepEqual([traffic.report.requests, at(traffic.report.lastRequestAt)], [4, 1]);
    assert.deepEqual(messages("traffic_missing"), []);
    await stop();
  }
});

Deno.test("an app whose first request is still running has traffic", async () => {
  // As Spring Boot 3.5 has it on its management port, where the own reads are not counted.
  const { watch, answers, traffic, at, stop, messages } = prepare();
  answers(running(3));
  await watch(3.5);
  assert.deepEqual([at(traffic.report.lastRequestAt), traffic.report.requests], [3, 0]);
  answers(running(0) + counter(1));
  await watch(1);
  assert.deepEqual([at(traffic.report.lastRequestAt), traffic.report.requests], [4, 1]);
  assert.deepEqual(messages("traffic_missing"), []);
  await stop();
});

Deno.test("an unreadable counter is said once, with what to change, and holds nothing up", async () => {
  const cases: [Answer, RegExp][] = [
    [new UnreachableError("GET http://x/: connection refused"), /GET http:\/\/x\/: connection re/],
    [404, /actuator\/prometheus answered 404.*management\.endpoints\.web\.exposure\.include/],
    [401, /answered 401.*user:password@ into TRAFFIC_URL/],
    [500, /answered 500: no; no metrics/],
    ["<html>hello</html>", /answered 200: <html>hello<\/html>; this is no Prometheus text/],
    ["never", /no answer in time/],
  ];
  for (const [bad, reason] of cases) {
    const { watch, answers, traffic, messages, stop } = prepare();
    answers(bad);
    await watch(0.5);
    assert.deepEqual([messages("traffic_unreadable"), traffic.isQuiet()], [[], false]);
    await watch(9);
    const [said = "", ...more] = messages("traffic_unreadable");
    assert.deepEqual(more, []);
    assert.match(said, /^Cannot read TRAFFIC_URL: /);
    assert.match(said, reason);
    assert.deepEqual([traffic.isQuiet(), traffic.report.readable], [true, false]);
    await stop();
  }
});

Deno.test("a counter that becomes unreadable holds up no longer than the last request seen", async () => {
  const { watch, answers, traffic, quietAfter, messages, stop } = prepare();
  answers(counter(1));
  await watch(0.5);
  answers(counter(2));
  await watch(1);
  answers(500);
  // The last request was seen at 1 s.
  assert.equal(await quietAfter(), 9.5);
  assert.equal(messages("traffic_unreadable").length, 1);
  answers(counter(9));
  await watch(1);
  assert.deepEqual([traffic.isQuiet(), traffic.report.requests], [false, 8]);
  await stop();
});

Deno.test("a first read that fails alone does not end a drain while requests flow", async () => {
  const { watch, answers, traffic, quietAfter, messages, stop } = prepare();
  answers(503);
  await watch(0.5);
  assert.equal(traffic.isQuiet(), false);
  answers(counter(5));
  await watch(1);
  answers(counter(6));
  await watch(1);
  assert.deepEqual([traffic.report.requests, traffic.isQuiet()], [1, false]);
  assert.deepEqual(messages("traffic_unreadable"), []);
  // Seen by the read at 2 s.
  assert.equal(await quietAfter(), 9.5);
  await stop();
});
