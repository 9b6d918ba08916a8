/** The scripts that manifests name, in the shells that images have. */

import assert from "node:assert/strict";
import { messageOf } from "../support/ends.ts";
import type { HookRun } from "../support/hook.ts";
import { OUT, startEurekaLab } from "../support/eureka_lab.ts";
import { startLab } from "../support/lab.ts";
import { type Container, startContainer } from "./container.ts";
import { HOSTILE, HOSTILE_TO_DENO } from "./hostile.ts";
import type { RootName } from "./root.ts";
import { rootTest } from "./root_test_case.ts";

const SHELLS: readonly { name: string; root: RootName; sh: string }[] = [
  { name: "busybox ash", root: "busybox", sh: "/bin/sh" },
  { name: "dash", root: "debian", sh: "/bin/sh" },
  { name: "bash", root: "debian", sh: "/bin/bash" },
];

const hostile = { ...HOSTILE, ...HOSTILE_TO_DENO };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function assertSilent({ stdout, stderr }: HookRun): void {
  assert.equal(stdout, "");
  assert.equal(stderr, "");
}

async function waitForLog(container: Container, pattern: RegExp): Promise<void> {
  for (let left = 200; left > 0 && !pattern.test(container.log); left--) await pause(50);
  assert.match(container.log, pattern);
}

for (const { name, root, sh } of SHELLS) {
  rootTest(`${name}: service_offline_nacos.sh takes out, its log is the container's`, async () => {
    await using lab = await startLab();
    await using container = await startContainer({ root });
    const launcher = container.launcherOf(sh, "/opt/service_offline_nacos.sh");
    const run = await lab.run("", hostile, { launcher });
    assert.equal(run.code, 0, run.stderr);
    assertSilent(run);
    assert.match(lines(container.log).at(-1) ?? "", /is out of service.*exit code 0$/);
    assert.equal(container.terminationMessage(), "");
    assert.deepEqual(await lab.callersGet(), []);
  });

  rootTest(`${name}: a working folder that has been removed is no reason to end`, async () => {
    await using lab = await startLab();
    await using container = await startContainer({ root, tmp: true });
    const script = `
run() { if [ -x /bin/busybox ]; then /bin/busybox "$@"; else "$@"; fi; }
run mkdir /tmp/gone && cd /tmp/gone && run rmdir /tmp/gone &&
exec ${sh} /opt/service_offline_nacos.sh
`;
    const launcher = container.launcherOf(sh, "-c", script);
    const run = await lab.run("", hostile, { launcher });
    assert.equal(run.code, 0, run.stderr);
    assert.match(container.log, /is out of service/);
    assert.deepEqual(await lab.callersGet(), []);
  });

  rootTest(`${name}: a log that nobody reads any more is no reason to wait`, async () => {
    await using lab = await startLab();
    await using container = await startContainer({ root, unreadLog: true });
    for (const wrapper of ["service_offline_nacos.sh", "service_online.sh"]) {
      const launcher = container.launcherOf(sh, `/opt/${wrapper}`);
      const run = await lab.run("", hostile, { launcher, timeoutMs: 60_000 });
      assert.equal(run.code, 0, run.stderr);
      if (wrapper.includes("nacos")) assert.deepEqual(await lab.callersGet(), []);
    }
    for (let left = 200; left > 0 && (await lab.callersGet()).length === 0; left--) await pause(50);
    assert.equal((await lab.callersGet()).length, 1);
  });

  rootTest(`${name}: a limit for the size of files is no reason to end`, async () => {
    await using lab = await startLab();
    await using container = await startContainer({ root, tmp: true });
    const script = `ulimit -f 0; exec ${sh} /opt/service_offline_nacos.sh`;
    const run = await lab.run("", hostile, { launcher: container.launcherOf(sh, "-c", script) });
    assert.equal(run.code, 0, container.log);
    assert.match(container.log, /no record can be kept.*\n.*is out of service/s);
    assert.deepEqual(await lab.callersGet(), []);
  });

  rootTest(`${name}: files in the settings are found by relative paths`, async () => {
    await using lab = await startLab({ auth: true, env: { NACOS_PASSWORD: undefined } });
    await using container = await startContainer({ root, tmp: true });
    const script = `
cd /tmp && echo ${lab.user?.password} >password && exec ${sh} /opt/service_offline_nacos.sh
`;
    const launcher = container.launcherOf(sh, "-c", script);
    const run = await lab.run("", { NACOS_PASSWORD_FILE: "password" }, { launcher });
    assert.equal(run.code, 0, container.log);
    assert.deepEqual(await lab.callersGet(), []);
  });

  rootTest(`${name}: service_offline_eureka.sh takes out, and passes flags on`, async () => {
    await using lab = await startEurekaLab({ env: { DRAIN_SECONDS: undefined } });
    await using container = await startContainer({ root });
    const launcher = container.launcherOf(sh, "/opt/service_offline_eureka.sh");
    const run = await lab.run("--drain-seconds 0", hostile, { launcher });
    assert.equal(run.code, 0, container.log);
    assert.deepEqual(lab.recorded(), OUT);
    assert.match(container.log, /is out of service/);
  });

  rootTest(`${name}: a failure keeps its exit code and is the termination message`, async () => {
    await using lab = await startLab({ auth: true, env: { NACOS_PASSWORD: "wrong" } });
    await using container = await startContainer({ root });
    const launcher = container.launcherOf(sh, "/opt/service_offline_nacos.sh");
    const run = await lab.run("", hostile, { launcher });
    assert.equal(run.code, 77, container.log);
    assertSilent(run);
    const message = lines(container.terminationMessage());
    assert.equal(message.length, 1, container.terminationMessage());
    assert.equal(message[0], lines(container.log).at(-1));
    assert.match(messageOf(message[0] ?? ""), /^refused: .*exit code 77$/);
  });

  rootTest(`${name}: where log and message cannot be opened, the hook's own are used`, async () => {
    await using lab = await startLab({ auth: true, env: { NACOS_PASSWORD: "wrong" } });
    await using container = await startContainer({ root, appUser: 1000, terminationLog: false });
    const launcher = container.launcherOf(sh, "/opt/service_offline_nacos.sh");
    const run = await lab.run("", hostile, { launcher });
    assert.equal(run.code, 77);
    assert.equal(container.log, "");
    assert.match(run.lastLine, /exit code 77$/);
    assert.equal(lines(run.stderr).at(-1), run.lastLine, run.stderr);
  });

  rootTest(`${name}: no shell is left beside the program, and TERM reaches it`, async () => {
    await using lab = await startLab({ env: { DRAIN_SECONDS: "30" } });
    await using container = await startContainer({ root });
    const launcher = container.launcherOf(sh, "/opt/service_offline_nacos.sh");
    await using hook = lab.start("", hostile, { launcher });
    await waitForLog(container, /callers no longer get it/);
    const running = container.hooks();
    const shown = JSON.stringify(running.map(({ exe, args }) => [exe, args.at(-1)]));
    assert.equal(running.length, 1, shown);
    const [program] = running;
    assert.ok(program);
    assert.ok(program.exe.includes("/opt/service-offline/"), shown);
    const dangerous = program.environment.filter((one) => /^(NODE|LD|OTEL|DENO)_/.test(one));
    const ours = ["DENO_DIR", "DENO_LOG", "DENO_NO_UPDATE_CHECK"];
    assert.deepEqual(dangerous.filter((one) => !ours.includes(one)), []);
    Deno.kill(program.pid, "SIGTERM");
    const run = await hook.done;
    assert.equal(run.code, 128 + 15);
    assert.deepEqual(container.hooks(), []);
  });

  rootTest(`${name}: service_online.sh returns at once and goes on in the background`, async () => {
    await using lab = await startLab({ registered: false });
    await using container = await startContainer({ root });
    const launcher = container.launcherOf(sh, "/opt/service_online.sh");
    // It has ended when its pipes are closed, as for the kubelet.
    const run = await lab.run("", hostile, { launcher });
    assert.equal(run.code, 0);
    assertSilent(run);
    // The program goes on, and before it logs its launcher may have a shell of its own.
    await waitForLog(container, /looking for/);
    assert.equal(container.hooks().length, 1);
    lab.register();
    await waitForLog(container, /exit code 0/);
    assert.match(container.log, /is in service/);
    for (let left = 40; left > 0 && container.hooks().length > 0; left--) await pause(50);
    assert.deepEqual(container.hooks(), []);
    assert.equal(container.terminationMessage(), "");
  });

  rootTest(`${name}: service_online.sh ends with 0 whatever is wrong`, async () => {
    await using lab = await startLab();
    await using container = await startContainer({ root, appUser: 1000 });
    const launcher = container.launcherOf(sh, "/opt/service_online.sh");
    const run = await lab.run("--no-such-flag", { ...hostile, port: "none" }, { launcher });
    assert.equal(run.code, 0);
    assertSilent(run);
  });

  rootTest(
    `${name}: without a container's log service_online.sh keeps what is no pipe`,
    async () => {
      await using lab = await startLab();
      await using container = await startContainer({ root, appUser: 1000, tmp: true });
      // As a unit of systemd, whose stdout is the journal. The run goes on in the background: its
      // last line is waited for, which says what was wrong with the command line.
      const script = `
${sh} /opt/service_online.sh --no-such-flag >/tmp/journal
tries=200
while [ $tries -gt 0 ]; do
  while read -r line; do
    case $line in *"exit code"*) echo "$line"; exit;; esac
  done </tmp/journal
  tries=$((tries - 1))
  sleep 0.1
done
`;
      const run = await lab.run("", {}, { launcher: container.launcherOf(sh, "-c", script) });
      assert.equal(run.code, 0);
      assert.match(run.stdout, /no-such-flag.*exit code 0$/m);
    },
  );

  // The second as an earlier README had it.
  const lastLines = [
    'exec /opt/service-offline/service_offline_nacos.sh "$@"',
    'exec "/opt/service-offline/${1:-service_offline_nacos.sh}" $2',
  ];
  for (const lastLine of lastLines) {
    rootTest(`${name}: the old script's variables before ${lastLine}`, async () => {
      const passesAll = lastLine.endsWith('"$@"');
      await using lab = await startLab();
      await using container = await startContainer({ root });
      // In the article's script these stand inside the file; the manifest carries only podip.
      const script = `
set -a
serviceName=${lab.instance.serviceName}
groupName=DEFAULT_GROUP
namespaceId=public
port=${lab.instance.port}
NACOS_SERVER_ADDR=${lab.server.addr}
DRAIN_SECONDS=0
${lastLine}
`;
      const call = (...args: string[]) =>
        lab.run("", {
          serviceName: undefined,
          groupName: undefined,
          namespaceId: undefined,
          port: undefined,
          NACOS_SERVER_ADDR: undefined,
          DRAIN_SECONDS: undefined,
        }, { launcher: container.launcherOf(sh, "-c", script, "sh", ...args) });
      const before = await lab.callersGet();
      assert.equal(before.length, 1);
      for (
        const words of [["service-offline", "check"], ...passesAll ? [["check", "--all"]] : []]
      ) {
        const check = await call(...words);
        assert.equal(check.code, 0, check.stdout);
        assert.match(check.stdout, /would end with exit code 0/);
        assert.equal(check.stdout.includes("STOP_RESERVE_SECONDS"), words.includes("--all"));
        assert.deepEqual(await lab.callersGet(), before);
      }
      const run = await call();
      assert.equal(run.code, 0, run.stdout);
      assert.deepEqual(await lab.callersGet(), []);
      if (!passesAll) {
        return;
      }
      assert.equal((await call("online", "--strict")).code, 0);
      assert.deepEqual((await lab.callersGet()).length, 1);
    });
  }
}
