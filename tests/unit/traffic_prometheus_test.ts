import assert from "node:assert/strict";
import { areMetrics, samplesOf } from "../../src/traffic/prometheus.ts";
import { SPRING_BOOT_3_2, SPRING_BOOT_3_5 } from "../support/spring_metrics.ts";

const valuesOf = (text: string, ...names: string[]) =>
  samplesOf(text, names).map(({ value }) => value);

Deno.test("samplesOf() reads what Spring Boot 3.5 prints", () => {
  const counter = samplesOf(SPRING_BOOT_3_5, ["http_server_requests_seconds_count"]);
  assert.deepEqual(
    counter.map(({ labels, value }) => [labels.at(-1), labels.at(-2), value]),
    [
      ["/", "400", 1],
      ["/**", "404", 1],
      ["/", "200", 6],
      ["/actuator/health", "200", 1],
      ["/actuator/prometheus", "200", 1],
    ],
  );
  assert.deepEqual(valuesOf(SPRING_BOOT_3_5, "http_server_requests_active_seconds_max"), [
    0.50831205,
  ]);
  assert.deepEqual(valuesOf(SPRING_BOOT_3_5, "jvm_memory_max_bytes"), [3.5782656E7]);
});

Deno.test("samplesOf() reads what Spring Boot 3.2 prints", () => {
  const counter = samplesOf(SPRING_BOOT_3_2, ["http_server_requests_seconds_count"]);
  assert.deepEqual(counter.map(({ labels, value }) => [labels.at(-1), value]), [
    ["/hello", 1],
    ["/actuator/health", 1],
    ["/**", 2],
  ]);
  assert.deepEqual(valuesOf(SPRING_BOOT_3_2, "http_server_requests_active_seconds_max"), [
    1.49229255,
  ]);
});

Deno.test("samplesOf() takes every way to write a line", () => {
  const lines: Record<string, number[]> = {
    "m 1": [1],
    "m{} 2": [2],
    "m 3 1395066363000": [3],
    "m 4.5E3 -1395066363.5": [4500],
    '  m\t{a="b"}\t5  ': [5],
    'm{a="b",} 6': [6],
    'm { a = "b" , c = "d" } 7': [7],
    'm{a="}"} 8': [8],
    'm 9 # {trace_id="x y"} 0.5 1395066363.1': [9],
    "m 1e1": [10],
    "m +11": [11],
    'm{a="b"}12': [12],
  };
  for (const [line, expected] of Object.entries(lines)) {
    for (const text of [line, `x 0\n${line}\n`, `x 0\r\n${line}\r\n# EOF\r\n`]) {
      assert.deepEqual(valuesOf(text, "m"), expected, JSON.stringify(text));
    }
  }
});

Deno.test("samplesOf() gives the values of labels as they are meant", () => {
  const labelsOf = (line: string) => samplesOf(line, ["m"])[0]?.labels;
  assert.deepEqual(labelsOf(String.raw`m{a="x\"y",b="c:\\d",c="1\n2",d=""} 1`), [
    'x"y',
    "c:\\d",
    "1\n2",
    "",
  ]);
  assert.deepEqual(labelsOf('m{path="/a,b} {c",e="=é日"} 1'), ["/a,b} {c", "=é日"]);
  assert.deepEqual(labelsOf("m 1"), []);
});

Deno.test("samplesOf() ignores other metrics, comments, no numbers and broken lines", () => {
  const lines = [
    "# m 1",
    "#m 1",
    "# TYPE m counter",
    "mm 1",
    "xm 1",
    "m_count 1",
    "m1 5",
    "M 1",
    "m",
    "m ",
    "m{",
    'm{a="b" 1',
    'm{a="b} 1',
    'm{a="b"} ',
    "m one",
    "m 1 2 3",
    "m 1 soon",
    "m 1.2.3",
    "m NaN",
    "m +Inf",
    "m -Inf",
    "m 0x10",
    '{"m"} 1',
    '"m 1"',
  ];
  for (const line of lines) assert.deepEqual(valuesOf(`${line}\n`, "m"), [], line);
  assert.deepEqual(valuesOf([...lines, "m 1", ...lines].join("\n"), "m"), [1]);
});

Deno.test("samplesOf() takes several metrics", () => {
  assert.deepEqual(valuesOf("a 1\nab 2\nb 3\nc 4\n", "a", "ab", "c"), [1, 2, 4]);
});

Deno.test("areMetrics() knows metrics from whatever else stands there", () => {
  for (const text of [SPRING_BOOT_3_5, SPRING_BOOT_3_2, "", "\n", "# EOF\n", "# a\r\n# b", "x 1"]) {
    assert.equal(areMetrics(text), true, text.slice(0, 40));
  }
  for (const text of ["<html>\n<p>hello</p>", '{"status":"UP"}', "Not Found", "UP\n", "# a\nno"]) {
    assert.equal(areMetrics(text), false, text);
  }
});

Deno.test("samplesOf() does not get lost in long nonsense", () => {
  const long = 1_000_000;
  for (
    const text of ["m{" + 'a="'.repeat(long), "m{" + "\\".repeat(long), "m" + " ".repeat(long)]
  ) {
    assert.deepEqual(valuesOf(text, "m"), []);
    assert.equal(areMetrics(text), false);
  }
});

Deno.test("samplesOf() leaves out lines that no client library writes, and reads the rest", () => {
  const lines = [`m{uri="${String.raw`\\`.repeat(400_000)}"} 1`, `m{a="${"b".repeat(8_000)}"} 2`];
  for (const line of lines) assert.deepEqual(valuesOf(`${line}\r\nm 3\r\n${line}`, "m"), [3]);
  assert.deepEqual(valuesOf(`m{a="${"b".repeat(7_000)}"} 2\r\n`, "m"), [2]);
});
