import assert from "node:assert/strict";
import { createLog, type LogFormat } from "../../src/log.ts";
import { createFakeClock } from "../support/fake_clock.ts";

async function logAfter(ms: number, format?: LogFormat) {
  const clock = createFakeClock(Date.UTC(2026, 0, 1));
  const lines: string[] = [];
  const log = createLog({
    clock,
    startedAt: clock.now(),
    write: (line) => void lines.push(line),
    ...(format ? { format } : {}),
  });
  await clock.advance(ms);
  return { log, lines };
}

Deno.test("createLog() writes text lines with time, elapsed time and registry", async () => {
  const { log, lines } = await logAfter(1_234);
  log.info("start", "looking");
  log.of("nacos").warn("failed", "no answer");
  assert.deepEqual(lines, [
    "2026-01-01T00:00:01.234Z service-offline +1.234s looking",
    "2026-01-01T00:00:01.234Z service-offline +1.234s nacos: WARNING: no answer",
  ]);
  assert.equal(
    log.format("error", "end", "unreachable"),
    "2026-01-01T00:00:01.234Z service-offline +1.234s ERROR: unreachable",
  );
});

Deno.test("createLog() writes one JSON object a line", async () => {
  const { log, lines } = await logAfter(1_234, "json");
  log.of("nacos").info("accepted", "out of service", { acceptedMs: 520, views: undefined });
  log.warn("problem", "wrong");
  assert.deepEqual(lines.map((line) => JSON.parse(line)), [
    {
      time: "2026-01-01T00:00:01.234Z",
      level: "info",
      elapsedMs: 1_234,
      event: "accepted",
      registry: "nacos",
      message: "out of service",
      acceptedMs: 520,
    },
    {
      time: "2026-01-01T00:00:01.234Z",
      level: "warn",
      elapsedMs: 1_234,
      event: "problem",
      message: "wrong",
    },
  ]);
});

Deno.test("createLog() keeps an event on one line, whatever a server said", async () => {
  for (const format of ["text", "json"] as const) {
    const { log, lines } = await logAfter(0, format);
    log.info("failed", "answered 500:\r\n  <html>\n\n\x9b31m\u202e</html>", {
      long: "x".repeat(120_000),
    });
    log.info("long", "x".repeat(120_000));
    assert.equal(lines.length, 2);
    for (const line of lines) {
      assert.doesNotMatch(line, /[\p{Cc}\p{Bidi_C}]/u);
      assert.ok(line.length < 5_000);
    }
  }
});

Deno.test("format() gives the line that is written for the event", async () => {
  for (const format of ["text", "json"] as const) {
    const { log, lines } = await logAfter(5, format);
    const line = log.of("nacos").format("warn", "end", "refused", { exitCode: 77 });
    assert.deepEqual(lines, []);
    log.of("nacos").warn("end", "refused", { exitCode: 77 });
    assert.deepEqual(lines, [line]);
  }
});
