import assert from "node:assert/strict";
import { chart, imageOf, MEASUREMENT } from "../../bench/requests/chart.ts";
import type { Measurement, Row } from "../../bench/requests/report.ts";

const measurement: Measurement = JSON.parse(await Deno.readTextFile(MEASUREMENT));

Deno.test("the pictures are those of the measurement; `deno task chart` draws them", async () => {
  for (const theme of ["light", "dark"] as const) {
    assert.equal(await Deno.readTextFile(imageOf(theme)), chart(measurement, theme), theme);
  }
});

Deno.test("chart() says in words what it draws: the mean, and the least and the most", () => {
  const row = (variant: Row["variant"], failed: number): Row => ({
    ...{ registry: "Eureka", variant, at: 1, failed, total: 5000, verdict: "" },
    ...{ accepted: undefined, lastCall: undefined, hookEnd: undefined, afterLater: undefined },
    ...{ termToGone: 1, day: "2026-11-26", load: 1 },
  });
  const rows = [row("none", 2000), row("none", 1000), row("default", 0), row("default", 0)];
  const svg = chart({ rows }, "light");
  assert.match(
    svg,
    /<desc id="desc">Eureka: no hook 1,500 \(1,000 to 2,000\), service-offline 0\.<\/desc>/,
  );
  const widths = [...svg.matchAll(/<rect [^>]*width="(\d+)"/g)].map(([, width]) => Number(width));
  assert.deepEqual(widths, [260, 2]);
});
