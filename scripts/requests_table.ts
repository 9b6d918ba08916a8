/** The table of failed requests, from the measurement that the chart is drawn from. */

import type { Row } from "../bench/requests/report.ts";
import type { Variant } from "../bench/requests/stop.ts";
import measurement from "../docs/measurements/requests.json" with { type: "json" };

const ROWS = measurement.rows as unknown as readonly Row[];
const REGISTRIES = [...new Set(ROWS.map(({ registry }) => registry))].sort();

interface Line {
  readonly head: string;
  readonly variant: Variant;
  cell(row: Row): string;
}

const failed = ({ failed, total }: Row) => `${failed === 0 ? "**0**" : failed} / ${total}`;
const seconds = (value: number | undefined) => value === undefined ? "" : `${value.toFixed(0)} s`;

const LINES: readonly Line[] = [
  { head: "no hook", variant: "none", cell: failed },
  { head: "the script as published", variant: "published", cell: failed },
  { head: "taken out, `sleep 30`", variant: "script", cell: failed },
  { head: "`offline`, grace period alone", variant: "default", cell: failed },
  {
    head: "last call after the write",
    variant: "default",
    cell: ({ lastCall }) => seconds(lastCall),
  },
  { head: "its end after the write", variant: "default", cell: ({ hookEnd }) => seconds(hookEnd) },
  { head: "`offline`, `DRAIN_SECONDS=30`, `TRAFFIC_URL`", variant: "traffic", cell: failed },
  {
    head: "last call after the write",
    variant: "traffic",
    cell: ({ lastCall }) => seconds(lastCall),
  },
  { head: "its end after the write", variant: "traffic", cell: ({ hookEnd }) => seconds(hookEnd) },
];

/** A line for each way to stop, a column for each registry, in each cell the stops. */
export function requestsInMarkdown(say: (english: string) => string): string {
  const cellOf = ({ variant, cell }: Line, registry: string) =>
    ROWS.filter((row) => row.registry === registry && row.variant === variant).map(cell).join(", ");
  return [
    `| | ${REGISTRIES.join(" | ")} |`,
    `|---|${REGISTRIES.map(() => "---|").join("")}`,
    ...LINES.map((line) =>
      `| ${say(line.head)} | ${REGISTRIES.map((registry) => cellOf(line, registry)).join(" | ")} |`
    ),
  ].join("\n");
}
