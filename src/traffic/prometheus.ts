/** One line of metrics. */
export interface Sample {
  readonly name: string;
  /** The values of its labels, whatever these are called. */
  readonly labels: readonly string[];
  /** A finite number. */
  readonly value: number;
}

/** What stands between two quotes. */
const QUOTED = String.raw`(?:[^"\\\n]|\\.)*`;
const LABELS = String.raw`[ \t]*\{((?:[^"}\n]|"${QUOTED}")*)\}[ \t]*`;
const VALUE = String.raw`[-+]?(?:\d[\d.eE+-]*|Inf|NaN)`;
const TIME_AND_EXEMPLAR = String.raw`(?:[ \t]+-?\d[\d.]*)?(?:[ \t]+#.*)?[ \t]*`;

/**
 * Whole lines of a metric; broken ones do not match, nor those over 8,000 characters: of a label with
 * 400,000 escapes V8 held 98 MiB (Deno 2.9.6).
 */
function linesOf(name: string): RegExp {
  return new RegExp(
    String.raw`^(?=.{0,8000}$)[ \t]*(${name})(?:${LABELS}|[ \t]+)(${VALUE})${TIME_AND_EXEMPLAR}$`,
    "gm",
  );
}

/** Whether a text is one of metrics; one without any, or with comments alone, is too. */
export function areMetrics(text: string): boolean {
  return text.search(linesOf(String.raw`[a-zA-Z_:][\w:]*`)) >= 0 || !/^[ \t]*[^#\s]/m.test(text);
}

/** The samples of some metrics; those that are no number (`NaN`, `+Inf`) are left out. */
export function samplesOf(text: string, names: readonly string[]): Sample[] {
  // Not split into lines: an answer of some MiB would be held twice, and that is memory of the app's
  // container.
  return [...text.matchAll(linesOf(names.join("|")))].flatMap(([, name = "", labels, number]) => {
    const value = Number(number);
    if (!Number.isFinite(value)) return [];
    return [{ name, labels: labels === undefined ? [] : valuesOf(labels), value }];
  });
}

function valuesOf(labels: string): string[] {
  return [...labels.matchAll(new RegExp(`"(${QUOTED})"`, "g"))]
    .map(([, quoted = ""]) => quoted.replaceAll(/\\(.)/g, (_, char) => char === "n" ? "\n" : char));
}
