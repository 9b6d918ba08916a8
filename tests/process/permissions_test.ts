/** What the program may not do, seen from inside a process with its permissions. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { permissionFlags } from "../../scripts/permissions.ts";
import { assertEnd } from "../support/ends.ts";
import { startLab } from "../support/lab.ts";

const MAIN = new URL("../../src/system.ts", import.meta.url);

/** What each of the attempts comes to, in a program that has the permissions of ours. */
async function attempts(...args: string[]): Promise<Record<string, string>> {
  const program = `
import { giveUpPermissions } from "${MAIN}";
const tried = {};
const attempt = async (what, action) => {
  try {
    await action();
    tried[what] = "done";
  } catch (error) {
    // The error of fetch has it in its cause.
    const isDenied = [error, error.cause].some((one) => one?.name === "NotCapable") ||
      /Requires net access/.test(error.cause?.message);
    tried[what] = isDenied ? "denied" : error.name;
  }
};
await attempt("the environment at first", () => Deno.env.get("podip"));
await attempt("metadata", () => Deno.connect({ hostname: "169.254.169.254", port: 80 }));
await attempt("metadata in another spelling", () => fetch("http://[::ffff:a9fe:a9fe]/"));
await attempt("metadata as a number", () => fetch("http://2852039166/"));
await attempt("the process table", () => Deno.readTextFileSync("/proc/self/environ"));
await attempt("a program", () => new Deno.Command("/bin/true").output());
await attempt("a file elsewhere", () => Deno.writeTextFileSync("/var/tmp/x", ""));
await attempt("a link out of /tmp", () => Deno.symlinkSync("/var/tmp", "/tmp/service-offline-link"));
giveUpPermissions();
await attempt("the environment", () => Deno.env.get("podip"));
await attempt("/target", () => Deno.writeTextFileSync("/target/service-offline/none/x", ""));
console.log(JSON.stringify(tried));
`;
  const file = Deno.makeTempFileSync({ suffix: ".ts" });
  try {
    Deno.writeTextFileSync(file, program);
    const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--cached-only", ...permissionFlags(), `--config=${config}`, file, ...args],
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert.notEqual(text, "", new TextDecoder().decode(stderr));
    return JSON.parse(text);
  } finally {
    Deno.removeSync(file);
  }
}

const DENIED = {
  "the environment at first": "done",
  "metadata": "denied",
  "metadata in another spelling": "denied",
  "metadata as a number": "denied",
  "the process table": "denied",
  "a program": "denied",
  "a file elsewhere": "denied",
  "a link out of /tmp": "denied",
  "the environment": "denied",
};

Deno.test("a run of any command but install may not do what it has no use for", async () => {
  assert.deepEqual(await attempts("offline"), { ...DENIED, "/target": "denied" });
});

Deno.test("install may write to /target", async () => {
  assert.deepEqual(await attempts("install"), { ...DENIED, "/target": "NotFound" });
});

Deno.test("an address where clouds hand out credentials is no registry", async () => {
  await using lab = await startLab({
    env: { NACOS_SERVER_ADDR: "169.254.169.254:80", ONLINE_TIMEOUT_SECONDS: "1" },
  });
  assertEnd(await lab.run("online --strict"), "unreachable", /169\.254\.169\.254/);
});
