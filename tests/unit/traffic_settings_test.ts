import assert from "node:assert/strict";
import { check } from "../support/schema.ts";
import { trafficSettings } from "../../src/traffic/settings.ts";

Deno.test("metrics and paths are names of sensible size, not patterns", () => {
  const { trafficMetric: { schema }, trafficExclude } = trafficSettings;
  const many = (one: string, count: number) => Array.from({ length: count }, () => one).join(",");
  for (const wrong of ["http_.*", "(a+)+", "a|b", "x".repeat(201), many("a", 51), "a{1,9}"]) {
    assert.match(check(schema, wrong).problem ?? "", /at most 50 names of metrics, no patterns/);
  }
  assert.equal(check(schema, many("a:b_c1", 50)).value?.length, 50);
  assert.match(check(trafficExclude.schema, many("/a", 51)).problem ?? "", /at most 50 paths/);
});

Deno.test("TRAFFIC_URL is a whole URL, with a user or without", () => {
  const { schema } = trafficSettings.trafficUrl;
  assert.deepEqual(check(schema, "http://127.0.0.1:8080/actuator/prometheus").value, {
    origin: "http://127.0.0.1:8080",
    path: "/actuator/prometheus",
    credentials: undefined,
  });
  assert.deepEqual(check(schema, "https://app:p%40ss@[::1]:8443/m?includedNames=a,b").value, {
    origin: "https://[::1]:8443",
    path: "/m?includedNames=a,b",
    credentials: { username: "app", password: "p@ss" },
  });
  const wrong = [
    "127.0.0.1:8080/metrics",
    "localhost:8080/metrics",
    "/actuator/prometheus",
    "ftp://127.0.0.1/metrics",
    "http://",
    "http://app@127.0.0.1/metrics",
    "http://:pw@127.0.0.1/metrics",
    "http://app:%zz@127.0.0.1/metrics",
    // A slash in the password.
    "http://app:p/w@127.0.0.1/metrics",
    "http://127.0.0.1/metrics#a",
  ];
  for (const text of wrong) {
    assert.match(
      check(schema, text).problem ?? "",
      /^expected http\(s\):\/\/host:port\/path/,
      text,
    );
  }
});

Deno.test("TRAFFIC_METRIC is one name or several", () => {
  const { schema, fallback } = trafficSettings.trafficMetric;
  assert.deepEqual(check(schema, fallback).value, ["http_server_requests_seconds_count"]);
  assert.deepEqual(check(schema, "a_total, b:c ,").value, ["a_total", "b:c"]);
  for (const text of [",", "a b", "a-b", "1a", 'a{b="c"}', "a.*"]) {
    assert.match(check(schema, text).problem ?? "", /names of metrics/, text);
  }
});

Deno.test("TRAFFIC_EXCLUDE is a list of paths, or none", () => {
  const { schema, fallback } = trafficSettings.trafficExclude;
  for (const path of ["/actuator", "/health", "/metrics"]) {
    assert.ok(check(schema, fallback).value?.includes(path), path);
  }
  assert.deepEqual(check(schema, "none").value, []);
  assert.deepEqual(check(schema, "/a, /b/c").value, ["/a", "/b/c"]);
  for (const text of ["actuator", "/a,b", "None of them", ","]) {
    assert.match(check(schema, text).problem ?? "", /paths .* or none/, text);
  }
});
