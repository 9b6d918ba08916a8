import assert from "node:assert/strict";
import { checkText } from "../../src/check/check_text.ts";
import { textOf } from "../../src/check/lines.ts";
import type { CheckedRegistry, CheckReport } from "../../src/check/report.ts";
import type { EffectiveSetting } from "../../src/check/settings.ts";
import type { Finding } from "../../src/registry/examine.ts";
import { NOTHING_MORE } from "../support/reports.ts";

const ADDRESS = "https://nacos-headless.middleware:8848/nacos";
const FINDINGS: readonly Finding[] = [
  { about: "connection", ok: true, text: "12 ms, from 10.244.111.107" },
  { about: "certificate", ok: true, text: "trusted" },
  { about: "server", ok: true, text: "Nacos 3.1.0; its API is v3", generation: "v3" },
  { about: "login", ok: true, text: "as user nacos" },
  { about: "read", ok: true, text: "allowed" },
  { about: "write", ok: true, text: "allowed" },
];

const GIVEN = {
  podip: "10.244.111.107",
  TERMINATION_GRACE_PERIOD_SECONDS: "120",
  serviceName: "customer-services",
  port: "9810",
  groupName: "kevin-app",
  namespaceId: "2f9e7c0e-5a0f-4c4e-8f35-f7c4d6b4a5b1",
  NACOS_SERVER_ADDR: ADDRESS,
  NACOS_USERNAME: "nacos",
  NACOS_PASSWORD: "***",
  CA_FILE: "/etc/ssl/company/ca.pem",
  EUREKA_URL: "http://eureka.middleware:8761/eureka",
};
const SETTINGS: readonly EffectiveSetting[] = [
  ...Object.entries(GIVEN).map(([name, value]) => {
    return { name, value, secret: false, source: `environment variable ${name}`, variable: name };
  }),
  { name: "STOP_RESERVE_SECONDS", value: "15", secret: false, source: "default" },
];

function registryOf(registry: string, address: string): CheckedRegistry {
  const instance = "10.244.111.107:9810 of kevin-app@@customer-services in namespace prod";
  return {
    registry,
    instance,
    state: "inService",
    inService: true,
    server: { address },
    details: { weight: 1, healthy: true, ephemeral: true, metadata: { version: "1" } },
    records: [],
    callers: [{ address, listed: true, others: 1 }],
    ...NOTHING_MORE,
    reason: `${registry}: ${instance}: in service`,
    removes: false,
    addresses: [{ address, findings: FINDINGS }],
  };
}

const WELL: CheckReport = {
  outcome: "done",
  exitCode: 0,
  problems: [],
  notes: [],
  warnings: [],
  settings: SETTINGS,
  registries: [
    registryOf("nacos", ADDRESS),
    registryOf("eureka", "http://eureka.middleware:8761/eureka"),
  ],
  traffic: null,
  calls: [],
  time: {
    gracePeriodSeconds: 120,
    stopReserveSeconds: 15,
    drainSeconds: null,
    available: 105,
    callers: 100,
    needed: 110,
    missing: 0,
    grace: 125,
  },
  yaml: "spec:\n  template: the rest\n",
};

const linesOf = (report: CheckReport, all = false) => checkText(report, all, false).split("\n");

Deno.test("check's text fits a terminal where all is well, with both registries", () => {
  const lines = linesOf(WELL);
  // The prompt needs one as well.
  assert.ok(lines.length < 24, `${lines.length} lines:\n${lines.join("\n")}`);
  for (const line of lines) assert.ok(line.length <= 100, `${line.length} columns: ${line}`);
  assert.match(lines.at(-1) ?? "", /^Verdict: `offline` would end with exit code 0 now/);
});

Deno.test("check's text has defaults, details and the YAML only on request", () => {
  const [short, whole] = [false, true].map((all) => linesOf(WELL, all).join("\n"));
  for (const detail of [/STOP_RESERVE_SECONDS/, /metadata: /, /^spec:/m, /permission to write/]) {
    assert.doesNotMatch(short ?? "", detail);
    assert.match(whole ?? "", detail);
  }
  assert.match(short ?? "", /--all: also defaults/);
  assert.match(whole ?? "", /^Verdict: .*$(?![^])/m);
});

Deno.test("check's text has the YAML where the grace period is missing or too short", () => {
  assert.ok(WELL.time);
  const unknown = { ...WELL.time, available: null, gracePeriodSeconds: null };
  const short = { ...WELL.time, available: 15, missing: 89 };
  for (const time of [unknown, short]) {
    const lines = linesOf({ ...WELL, time, warnings: ["the drain would be cut"] });
    assert.ok(lines.includes("spec:"));
    assert.equal(lines.at(-2), "WARNING: the drain would be cut");
    assert.match(lines.at(-1) ?? "", /^Verdict:/);
  }
});

Deno.test("check's text shows each finding of an address where one is not good", () => {
  const [nacos] = WELL.registries;
  assert.ok(nacos);
  const findings = (last: Finding) => [...FINDINGS.slice(0, -1), last];
  const shown = (last: Finding) => {
    const addresses = [{ address: ADDRESS, findings: findings(last) }];
    return linesOf({ ...WELL, registries: [{ ...nacos, addresses }] });
  };
  const bad = shown({ about: "write", ok: false, text: "answered 403" });
  assert.ok(bad.includes("    ok     connection: 12 ms, from 10.244.111.107"));
  assert.ok(bad.includes("    FAILED permission to write: answered 403"));
  const unknown = shown({ about: "write", ok: null, text: "answered 500" });
  assert.ok(unknown.includes("    ?      permission to write: not verifiable: answered 500"));
});

Deno.test("check's text says a reason once, with what it concerns", () => {
  const [nacos] = WELL.registries;
  assert.ok(nacos);
  const linesFor = (reason: string, ...findings: readonly Finding[]) => {
    const addresses = ["http://a", "http://b"].map((address) => ({
      address,
      findings: findings.map((one) => ({ ...one, text: one.text.replace("ROOT", address) })),
    }));
    return linesOf({ ...WELL, registries: [{ ...nacos, reason, addresses }] });
  };
  const dead = linesFor("nacos: x: no way to http://a; no way to http://b", {
    about: "connection",
    ok: false,
    text: "no way to ROOT",
  });
  assert.ok(dead.includes("nacos: x: see below"), dead.join("\n"));
  assert.equal(dead.filter((line) => line.includes("no way to")).length, 2);
  const refused = linesFor(
    "nacos: x: GET ROOT/a answered 403: set a user",
    { about: "read", ok: false, text: "GET ROOT/a answered 403: set a user" },
    { about: "write", ok: false, text: "PUT ROOT/b answered 403: set a user" },
  );
  const line = "    FAILED permission to read and write: GET http://a/a answered 403: set a user";
  assert.ok(refused.includes(line), refused.join("\n"));
  // It is not the same reason.
  assert.ok(refused.includes("nacos: x: GET ROOT/a answered 403: set a user"));
  const other = linesFor(
    "nacos: x: in service",
    { about: "read", ok: null, text: "GET ROOT/a answered 500" },
    { about: "write", ok: false, text: "PUT ROOT/b answered 403" },
  );
  assert.ok(other.includes("    FAILED permission to write: PUT http://a/b answered 403"));
});

Deno.test("check's text says of a setting which other name it came by", () => {
  const other = { name: "serviceName", value: "orders", secret: false, variable: "X" };
  const lines = linesOf({
    ...WELL,
    settings: [
      { ...other, source: "environment variable SPRING_APPLICATION_NAME" },
      { ...other, name: "port", value: "80", source: "flag --port" },
    ],
  });
  assert.equal(lines[1], "  serviceName=orders (SPRING_APPLICATION_NAME)  port=80 (flag --port)");
});

Deno.test("check's text has colours on request: green, yellow for warnings, red for a failure", () => {
  const verdict = (report: CheckReport) => checkText(report, false, true).split("\n").at(-1) ?? "";
  assert.ok(verdict(WELL).startsWith("\x1b[32mVerdict:\x1b[0m `offline`"));
  assert.ok(verdict({ ...WELL, warnings: ["cut"] }).startsWith("\x1b[33mVerdict:"));
  assert.ok(verdict({ ...WELL, outcome: "refused" }).startsWith("\x1b[31mVerdict:"));
  const plain = checkText(WELL, true, false);
  assert.ok(!plain.includes("\x1b"));
  const coloured = checkText(WELL, true, true);
  assert.equal(
    [32, 0].reduce((text, code) => text.replaceAll(`\x1b[${code}m`, ""), coloured),
    plain,
  );
});

Deno.test("textOf() lets no line bring colours, control sequences or lines of its own", () => {
  const evil = "a\r\nb\x1b[2J\x9bm\u202e";
  const plain = "a b [2J m ";
  assert.equal(
    textOf([evil, [true, evil, evil]], true),
    `${plain}\n\x1b[32m${plain}\x1b[0m${plain}`,
  );
});
