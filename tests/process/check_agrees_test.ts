/** `check` says what `offline` comes to: both run on the same broken server. */

import assert from "node:assert/strict";
import { runInside } from "../support/inside.ts";
import { atOnce, sideBySide } from "../support/at_once.ts";
import { startEurekaLab } from "../support/eureka_lab.ts";
import { refusedPort, startFaulty } from "../support/faulty.ts";
import type { Env, LabRuns } from "../support/lab_runs.ts";
import { startLab } from "../support/lab.ts";
import { room } from "../support/room.ts";
import { secret } from "../support/secrets.ts";

runInside();
const test = sideBySide("check agrees with offline");

/** Where nothing is taken out the deadline is the end. */
const NOT_TAKEN_OUT: Env = {
  TERMINATION_GRACE_PERIOD_SECONDS: room(4, 1),
  STOP_RESERVE_SECONDS: "1",
  DRAIN_SECONDS: "1",
};
/** Else the drain is, and the deadline must not come before it. */
const TAKEN_OUT: Env = { TERMINATION_GRACE_PERIOD_SECONDS: "120", DRAIN_SECONDS: "1" };

/** Which requests a broken server answers otherwise, and how. */
interface Fault {
  readonly of: "all" | "read" | "write" | "list" | "login";
  readonly answer: () => Response;
}

const empty = (status: number) => () => new Response(null, { status });
const faults: Record<string, Fault> = {
  "a foreign 404 to everything": {
    of: "all",
    answer: () => new Response("default backend - 404", { status: 404 }),
  },
  "an empty 404 to everything": { of: "all", answer: empty(404) },
  "a login page for everything": {
    of: "all",
    answer: () => new Response("<html>log in</html>", { headers: { "content-type": "text/html" } }),
  },
  "500 to everything": { of: "all", answer: empty(500) },
  "403 to the read": { of: "read", answer: empty(403) },
  "500 to the read": { of: "read", answer: empty(500) },
  "403 to the write": { of: "write", answer: empty(403) },
  "500 to the write": { of: "write", answer: empty(500) },
  "403 to the list": { of: "list", answer: empty(403) },
};

function kindOf({ method, url }: Request): Fault["of"] {
  const { pathname } = new URL(url);
  if (/login$/.test(pathname)) return "login";
  if (method !== "GET" && method !== "HEAD") return "write";
  if (/\/v1\/ns\/instance\/list|\/v3\/client\//.test(pathname)) return "list";
  return /catalog\/instances|\/v3\/admin\/ns\/|\/apps\//.test(pathname) ? "read" : "all";
}

const broken = ({ of, answer }: Fault) => (req: Request) =>
  of === "all" || of === kindOf(req) ? answer() : undefined;

/** Where the two differ, `check` has to have said beforehand what it could not tell. */
async function assertAgree(
  lab: Pick<LabRuns, "run">,
  env: Env,
  end = NOT_TAKEN_OUT,
): Promise<void> {
  const check = await lab.run("check", { ...end, ...env });
  const offline = await lab.run("offline", { ...end, ...env });
  const both = `${check.stdout}\n${offline.stdout}`;
  if (check.code === offline.code) return;
  assert.equal(check.code, 0, both);
  assert.match(
    check.stdout,
    /WARNING: .*(can be taken out is not known|do not know of each)/,
    both,
  );
}

for (const generation of ["2.x", "3.1"] as const) {
  test(`Nacos ${generation}`, async (t) => {
    const cases = Object.entries(faults).map(([name, fault]) =>
      [name, async () => {
        await using lab = await startLab({ generation, auth: true, intercept: broken(fault) });
        await assertAgree(lab, {}, fault.of === "list" ? TAKEN_OUT : NOT_TAKEN_OUT);
      }] as const
    );
    await atOnce(t, {
      ...Object.fromEntries(cases),
      "all is well": async () => {
        await using lab = await startLab({ generation, auth: true });
        await assertAgree(lab, {}, TAKEN_OUT);
      },
      "a dead address": async () => {
        await using lab = await startLab({ generation });
        await assertAgree(lab, { NACOS_SERVER_ADDR: `127.0.0.1:${refusedPort()}` });
      },
      "a wrong context path": async () => {
        await using lab = await startLab({ generation });
        await assertAgree(lab, { NACOS_CONTEXT_PATH: "/no" });
      },
      "a wrong password": async () => {
        await using lab = await startLab({ generation, auth: true });
        await assertAgree(lab, { NACOS_PASSWORD: secret() });
      },
      "a wrong group": async () => {
        await using lab = await startLab({ generation });
        await assertAgree(lab, { groupName: "NO_GROUP" });
      },
      "NACOS_API is not that of the server": async () => {
        await using lab = await startLab({ generation });
        await assertAgree(lab, { NACOS_API: generation === "2.x" ? "v3" : "v1" });
      },
      "two registries, of which one refuses the login": async () => {
        await using lab = await startLab({ generation, auth: true });
        const { instance } = lab;
        await using other = await startLab({ generation, auth: true, instance });
        await assertAgree(
          lab,
          { NACOS_SERVER_ADDR: `${lab.server.addr},${other.server.addr}` },
          TAKEN_OUT,
        );
      },
      "two nodes, of which one refuses login and write, and lets everybody read": async () => {
        await using lab = await startLab({ generation });
        const bytes = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
        await using node = startFaulty({
          target: Number(lab.server.addr.split(":")[1]),
          fault: (line) => line.startsWith("GET ") ? { kind: "pass" } : { kind: "answer", bytes },
        });
        const addresses = `${lab.server.addr},${node.addr}`;
        const login = { NACOS_USERNAME: "app", NACOS_PASSWORD: secret() };
        await assertAgree(lab, { NACOS_SERVER_ADDR: addresses, ...login }, TAKEN_OUT);
      },
      "two registries, of which one takes no write": async () => {
        await using lab = await startLab({ generation });
        await using other = await startLab({
          generation: generation === "2.x" ? "3.1" : "2.x",
          instance: lab.instance,
          intercept: broken({ of: "write", answer: empty(403) }),
        });
        await assertAgree(
          lab,
          { NACOS_SERVER_ADDR: `${lab.server.addr},${other.server.addr}` },
          TAKEN_OUT,
        );
      },
    });
  });
}

test("Eureka", async (t) => {
  const cases = Object.entries(faults).filter(([, { of }]) => of !== "list").map(([name, fault]) =>
    [name, async () => {
      await using lab = await startEurekaLab({ intercept: broken(fault) });
      await assertAgree(lab, {});
    }] as const
  );
  await atOnce(t, {
    ...Object.fromEntries(cases),
    "all is well": async () => {
      await using lab = await startEurekaLab({ auth: true });
      await assertAgree(lab, {}, TAKEN_OUT);
    },
    "CSRF protection": async () => {
      await using lab = await startEurekaLab({ csrf: true });
      await assertAgree(lab, {});
    },
    "a dead address": async () => {
      await using lab = await startEurekaLab();
      await assertAgree(lab, { EUREKA_URL: `http://127.0.0.1:${refusedPort()}/eureka` });
    },
    "a wrong path": async () => {
      await using lab = await startEurekaLab();
      await assertAgree(lab, { EUREKA_URL: `${lab.server.rootUrl}/no` });
    },
    "a wrong password": async () => {
      await using lab = await startEurekaLab({ auth: true });
      await assertAgree(lab, { EUREKA_PASSWORD: secret() });
    },
    "a wrong name": async () => {
      await using lab = await startEurekaLab();
      await assertAgree(lab, { APPLICATION: "no-app" });
    },
  });
});
