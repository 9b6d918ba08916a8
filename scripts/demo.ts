/**
 * `deno task demo`: the main job, start to end, on a stand-in Nacos in this process. The program
 * itself is the real one, as a child process with its real permissions.
 *
 * @module
 */

import { cacheEnvironment, fromSource } from "./program.ts";
import { startEmbeddedNacos } from "../tests/embedded/nacos.ts";
import { articleScript, list, register } from "../tests/support/nacos_client.ts";

const service = { serviceName: "customer-services", groupName: "kevin-app" };
const ours = {
  ...service,
  ip: "10.244.1.7",
  port: 9810,
  weight: 3,
  metadata: { "preserved.register.source": "SPRING_CLOUD" },
};
const other = { ...service, ip: "10.244.2.9", port: 9810, weight: 1 };

const begin = performance.now();
const timeline: string[] = [];

function say(text: string): void {
  console.log(text);
}

function happened(what: string): void {
  const at = ((performance.now() - begin) / 1000).toFixed(1).padStart(5);
  timeline.push(`${at} s  ${what}`);
}

const nacos = await startEmbeddedNacos({ generation: "3.1", auth: true });
for (const instance of [ours, other]) await register(nacos, instance);
happened("two instances are registered");

/** The instance list that another client of the registry gets. */
async function callersGet(): Promise<string[]> {
  const found = await list(nacos, service);
  return found.map((one) =>
    `${one.ip}:${one.port}  weight ${one.weight}  ${JSON.stringify(one.metadata)}`
  ).toSorted();
}

async function show(when: string): Promise<boolean> {
  const lines = await callersGet();
  const listed = lines.some((line) => line.startsWith(ours.ip));
  say(`\nWhat callers get ${when}:`);
  for (const line of lines) say(`    ${line}`);
  say(`    => ${ours.ip} is ${listed ? "in service" : "out of service"}`);
  return listed;
}

function must(condition: boolean, what: string): void {
  if (condition) return;
  console.error(`\nThe demo has failed: ${what}`);
  Deno.exit(1);
}

/** Runs the program with the script's environment and passes its log on. */
async function program(command: string, during?: () => Promise<void>): Promise<number> {
  say(`\n$ service-offline ${command}`);
  const [deno, ...args] = fromSource();
  const child = new Deno.Command(deno, {
    args: [...args, command],
    clearEnv: true,
    env: {
      ...cacheEnvironment(),
      // What the script had: podip from the manifest, the rest from its block of variables.
      podip: ours.ip,
      serviceName: ours.serviceName,
      groupName: ours.groupName,
      namespaceId: "public",
      port: String(ours.port),
      metadata: "preserved.register.source=SPRING_CLOUD",
      // What stood inside its curl lines.
      NACOS_SERVER_ADDR: nacos.addr,
      NACOS_USERNAME: nacos.admin?.username ?? "",
      NACOS_PASSWORD: nacos.admin?.password ?? "",
      TERMINATION_GRACE_PERIOD_SECONDS: "60",
      // Only here: without it the drain is as long as callers go on calling, 40 s.
      DRAIN_SECONDS: "4",
    },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  const echo = (async () => {
    for await (const text of lines) {
      for (const line of text.split("\n")) if (line !== "") say(`    ${line}`);
    }
  })();
  await during?.();
  await echo;
  return (await child.status).code;
}

/** Waits until callers get our instance, or no longer do. */
async function until(listed: boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while ((await callersGet()).some((line) => line.startsWith(ours.ip)) !== listed) {
    must(performance.now() < end, `the list did not change to ${listed ? "in" : "out of"} service`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

say("A Nacos 3.1 stand-in runs in this process; an instance with weight 3 is registered there.");
must(await show("before"), "our instance is not registered");

const script = await articleScript(nacos, {
  podip: ours.ip,
  port: String(ours.port),
  serviceName: ours.serviceName,
  groupName: ours.groupName,
  namespaceId: "public",
  metadata: "",
});
say(`\nThe shell script's PUT on this server: HTTP ${script.put}, and it reports success.`);
must(await show("after the script"), "the script is expected to do nothing on 3.x");
happened(`the script's request: HTTP ${script.put}, nothing has changed`);

happened("preStop: service-offline starts");
const offline = await program("offline", async () => {
  await until(false);
  happened("callers no longer get the instance, it goes on serving: out of service");
  await show("during the drain");
});
must(offline === 0, `offline ended with ${offline}`);
happened("the drain is over: only now the container gets TERM");
must(!await show("after the hook"), "the instance is still in service");

happened("the container starts again in the same pod: service-offline online");
const online = await program("online", async () => {
  await until(true);
  happened("callers get the instance again, weight and metadata as before: back in service");
});
must(online === 0, `online ended with ${online}`);
await show("at the end");
const expected = `${ours.ip}:${ours.port}  weight 3  ${JSON.stringify(ours.metadata)}`;
must((await callersGet()).includes(expected), "weight or metadata have changed");

say("\nTimeline:");
for (const line of timeline) say(`  ${line}`);
say("\nout of service: proven; back in service: proven.");
await nacos.shutdown();
Deno.exit(0);
