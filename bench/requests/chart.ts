/**
 * `deno task chart`: the picture in the README, light and dark, from what `bench:requests --json`
 * has written.
 *
 * @module
 */

import type { Measurement, Row } from "./report.ts";
import { CONSUMERS, FLOOR_SECONDS, PER_SECOND, type Variant } from "./stop.ts";

const DOCS = new URL("../../docs/", import.meta.url);
/** The measurement that is drawn. */
export const MEASUREMENT = new URL("measurements/requests.json", DOCS);
/** The two pictures. */
export const THEMES = {
  light: { text: "#1f2328", muted: "#59636e", bad: "#cf222e", poor: "#9a6700", good: "#1a7f37" },
  dark: { text: "#f0f6fc", muted: "#9198a1", bad: "#f85149", poor: "#d29922", good: "#3fb950" },
} as const;
/** One of them. */
export type Theme = keyof typeof THEMES;

/** Where a picture is. */
export function imageOf(theme: Theme): URL {
  return new URL(`images/failed-requests-${theme}.svg`, DOCS);
}

interface Bar {
  readonly label: string;
  /** Failed requests of each stop, the least first. */
  readonly failed: readonly number[];
  readonly colour: "bad" | "poor" | "good";
}

const BARS: readonly (Omit<Bar, "failed"> & { readonly variant: Variant })[] = [
  { variant: "none", label: "no hook", colour: "bad" },
  { variant: "published", label: "the script: HTTP 410, reports success", colour: "bad" },
  { variant: "script", label: `the script: PUT, sleep ${FLOOR_SECONDS}`, colour: "poor" },
  { variant: "default", label: "service-offline", colour: "good" },
];
/** Where there is the published script as well. */
const MENDED = `the script, its PUT mended, sleep ${FLOOR_SECONDS}`;

const WIDTH = 760;
const BAR_X = 285;
const BAR_WIDTH = 260;
const BAR_HEIGHT = 18;
const LINE = 27;
const GROUP_GAP = 14;
const HEAD = 62;

/** Draws it. */
export function chart({ rows }: Measurement, theme: Theme): string {
  const groups = [...new Set(rows.map(({ registry }) => registry))].sort().map((registry) => ({
    registry,
    bars: barsOf(rows.filter((row) => row.registry === registry)),
  }));
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ failed }) => mean(failed))));
  const stops = Math.min(...groups.flatMap(({ bars }) => bars.map(({ failed }) => failed.length)));
  const colours = THEMES[theme];
  const parts: string[] = [
    text(0, 20, "Requests that fail when one of two pods is stopped", colours.text, 700, 17),
    text(
      0,
      43,
      `${PER_SECOND} requests a second of ${CONSUMERS} Spring Cloud consumers as shipped, no retry; ` +
        `mean of ${stops} stops (least to most)`,
      colours.muted,
    ),
  ];
  let y = HEAD;
  for (const { registry, bars } of groups) {
    y += GROUP_GAP;
    parts.push(text(0, y + 10, registry, colours.text, 700));
    y += LINE - 4;
    for (const bar of bars) {
      parts.push(...drawn(bar, y, most, theme));
      y += LINE;
    }
  }
  const said = groups.map(({ registry, bars }) =>
    `${registry}: ${bars.map((bar) => `${bar.label} ${figures(bar)}`).join(", ")}.`
  ).join(" ");
  return `\
<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-labelledby="title desc">
<title id="title">Requests that fail when one of two pods is stopped</title>
<desc id="desc">${said}</desc>
<g font-family="system-ui, -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif">
${parts.join("\n")}
</g>
</svg>
`;
}

function barsOf(rows: readonly Row[]): Bar[] {
  const failed = (variant: Variant) =>
    rows.filter((row) => row.variant === variant).map((row) => row.failed).sort((a, b) => a - b);
  const isMended = failed("published").length > 0;
  return BARS.map(({ variant, label, colour }) => ({
    label: variant === "script" && isMended ? MENDED : label,
    colour,
    failed: failed(variant),
  })).filter(({ failed }) => failed.length > 0);
}

function drawn(bar: Bar, y: number, most: number, theme: Theme): string[] {
  const colours = THEMES[theme];
  const colour = colours[bar.colour];
  // A bar of nothing is a line: there is something to look at.
  const width = Math.max(2, Math.round(mean(bar.failed) / most * BAR_WIDTH));
  const baseline = y + 14;
  return [
    text(16, baseline, bar.label, colours.text),
    `<rect x="${BAR_X}" y="${y}" width="${width}" height="${BAR_HEIGHT}" fill="${colour}"/>`,
    text(BAR_X + width + 8, baseline, figures(bar), colour, 700),
  ];
}

/** `754 (570 to 1,043)`. */
function figures({ failed }: Bar): string {
  const [least = 0] = failed;
  const most = failed.at(-1) ?? 0;
  return least === most
    ? number(least)
    : `${number(mean(failed))} (${number(least)} to ${number(most)})`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

function number(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function text(x: number, y: number, words: string, fill: string, weight = 400, size = 14): string {
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}">${words}</text>`;
}

if (import.meta.main) {
  const measurement: Measurement = JSON.parse(await Deno.readTextFile(MEASUREMENT));
  for (const theme of ["light", "dark"] as const) {
    await Deno.writeTextFile(imageOf(theme), chart(measurement, theme));
  }
}
