/**
 * What the program does on a Nacos server, as another client of that server sees it: the same cases
 * on real servers and on the stand-in.
 */

import assert from "node:assert/strict";
import {
  always,
  guarded,
  ips,
  open,
  overlaid,
  registerAndSee,
  type ServerTraits,
  settleMs,
} from "./nacos_wire_kit.ts";
import { assertWholeShutdown } from "./whole_shutdown.ts";
import { atOnce, chosen, type Register, registerAlone } from "../support/at_once.ts";
import { assertEnd, assertStatusEnd, drained } from "../support/ends.ts";
import { registerSecret, removeRecords, runHook, startHook } from "../support/hook.ts";
import { FAILING_S, FAILS_SOON } from "../support/lab_runs.ts";
import * as nacos from "../support/nacos_client.ts";
import type { Credentials, NacosUnderTest } from "../support/nacos_under_test.ts";
import { eventually, pause } from "../support/pause.ts";

/** An instance with everything that must not change, and its surroundings. */
interface Scene extends AsyncDisposable {
  readonly server: NacosUnderTest;
  readonly instance: nacos.TestInstance & { readonly serviceName: string };
  readonly env: Readonly<Record<string, string>>;
  /** The app ends: no more heartbeats, and it deregisters. */
  leave(): Promise<void>;
}

/** What a run needs to log in, where the server wants that. */
export async function loginEnv(
  server: NacosUnderTest,
  namespaceId = "public",
): Promise<Record<string, string>> {
  if (!server.auth && !server.adminAuth) return {};
  const user = await server.createUser(namespaceId);
  registerSecret(user.password);
  return asEnv(user);
}

function asEnv({ username, password }: Credentials): Record<string, string> {
  return { NACOS_USERNAME: username, NACOS_PASSWORD: password };
}

/** The users made for the cases, one for each server and namespace. */
const users = new WeakMap<NacosUnderTest, Map<string, Promise<Record<string, string>>>>();

function knownUser(server: NacosUnderTest, namespaceId: string): Promise<Record<string, string>> {
  const ofServer = users.get(server) ?? new Map();
  users.set(server, ofServer);
  const known = ofServer.get(namespaceId) ?? loginEnv(server, namespaceId);
  ofServer.set(namespaceId, known);
  return known;
}

async function setScene(
  server: NacosUnderTest,
  place: Partial<nacos.TestInstance> = {},
  registered = true,
): Promise<Scene> {
  const instance = {
    serviceName: `program-${crypto.randomUUID().slice(0, 8)}`,
    ip: "10.9.0.1",
    port: 8080,
    weight: 3,
    metadata: { version: "v1", zone: "a=b" },
    ...place,
  };
  const { namespaceId = "public", groupName = "DEFAULT_GROUP", clusterName = "DEFAULT" } = instance;
  const login = await knownUser(server, namespaceId);
  const beats = registered
    // A persistent one needs none.
    ? await nacos.register(server, instance, { heartbeat: place.ephemeral !== false })
    : undefined;
  if (registered) await eventually(async () => assert.ok(await nacos.record(server, instance)));
  const leave = async () => {
    await beats?.stop();
    await nacos.deregister(server, instance);
  };
  return {
    server,
    instance,
    env: {
      NACOS_SERVER_ADDR: server.rootUrl,
      podip: instance.ip,
      // All cases have the same address.
      OFFLINE_SCOPE: "named",
      serviceName: instance.serviceName,
      port: String(instance.port),
      namespaceId,
      groupName,
      clusterName,
      DRAIN_SECONDS: "1",
      ...login,
    },
    leave,
    async [Symbol.asyncDispose]() {
      await leave();
      // One case looks for a name that is a letter shorter.
      removeRecords(instance.serviceName.slice(0, -1));
    },
  };
}

async function ours({ server, instance }: Scene) {
  const found = (await nacos.list(server, instance)).find(({ ip }) => ip === instance.ip);
  return found && { weight: found.weight, metadata: found.metadata };
}

/** The weight without the billionth that marks what `offline` has taken out. */
async function recorded({ server, instance }: Scene) {
  const found = await nacos.record(server, instance);
  const weight = Number(found?.weight.toPrecision(8));
  return found && { weight, metadata: found.metadata, enabled: found.enabled };
}

/**
 * Registers the cases as one test whose steps run side by side: they wait more than they work. They
 * use names of their own and leave nothing behind that lasts.
 * @param names of the cases that are wanted, where not all are
 * @param register what registers it
 */
export function nacosProgramContract(
  name: string,
  about: ServerTraits,
  server: () => NacosUnderTest,
  names?: readonly string[],
  register: Register = registerAlone,
): void {
  const cases: Record<string, () => Promise<void>> = {};
  const test = (
    behaviour: string,
    fn: (server: NacosUnderTest) => Promise<void>,
    only: (about: ServerTraits) => boolean = always,
  ) => {
    if (only(about)) cases[behaviour] = () => fn(server());
  };

  test("offline and online change nothing but whether callers get it", async (server) => {
    await using scene = await setScene(server);
    const neighbour = { ...scene.instance, ip: "10.9.0.2", weight: 1 };
    const beats = await nacos.register(server, neighbour, { heartbeat: true });
    await eventually(async () => assert.ok(await nacos.record(server, neighbour)));
    const { weight, metadata } = scene.instance;
    assert.deepEqual(await ours(scene), { weight, metadata });

    const offline = await runHook(["offline"], scene.env);
    assertEnd(offline, "done", /callers no longer get it after \d+ ms/, /drained \d/);
    assert.match(offline.stdout, /1 other instance still listed/);
    assert.deepEqual(ips(await nacos.list(server, scene.instance)), ["10.9.0.2"]);
    assert.deepEqual(await recorded(scene), { weight, metadata, enabled: false });

    const again = await runHook(["offline"], { ...scene.env, DRAIN_SECONDS: "0" });
    assertEnd(again, "done", /out of service already/);
    assert.deepEqual(await recorded(scene), { weight, metadata, enabled: false });

    const online = await runHook(["online", "--strict"], scene.env);
    assertEnd(online, "done", /is in service, accepted after/);
    assert.deepEqual(await ours(scene), { weight, metadata });

    const nothing = await runHook(["online", "--strict"], scene.env);
    assertEnd(nothing, "done", /in service already/);
    assert.doesNotMatch(nothing.stdout, /putting it back/);
    assert.deepEqual(ips(await nacos.list(server, scene.instance)), ["10.9.0.1", "10.9.0.2"]);
    await beats.stop();
    await nacos.deregister(server, neighbour);
  });

  test("the whole shutdown: check, the app told, traffic, the end told, the last line", async (server) => {
    await using scene = await setScene(server);
    const { ip, port } = scene.instance;
    await assertWholeShutdown({
      env: scene.env,
      names: { ip, port, instance: `${ip}:${port}` },
      isInService: async () => (await recorded(scene))?.enabled === true,
    });
  });

  test("everything that the pod has registered leaves, and comes back; another pod is never touched", async (server) => {
    // Of no other case.
    const ip = `10.77.${crypto.getRandomValues(new Uint8Array(2)).join(".")}`;
    await using scene = await setScene(server, { ip });
    const { serviceName } = scene.instance;
    const further = [
      { ...scene.instance, port: 9090 },
      { ...scene.instance, groupName: "G-2", clusterName: "HZ" },
      { ...scene.instance, serviceName: `${serviceName}.grpc`, port: 9000 },
      { ...scene.instance, serviceName: `providers:com.demo.${serviceName}:1.0.0:g1` },
    ];
    const others = further.map((one) => ({ ...one, ip: "10.9.0.2", weight: 1 }));
    const beats: { stop(): Promise<void> }[] = [];
    for (const one of [...further, ...others]) {
      beats.push(await nacos.register(server, one, { heartbeat: true }));
    }
    for (const one of [...further, ...others]) {
      await eventually(async () => assert.ok(await nacos.record(server, one)));
    }
    // Without OFFLINE_SCOPE: the name podip says whose address it is, and the named one confirms it.
    const env = { ...scene.env, OFFLINE_SCOPE: "", LOG_FORMAT: "json" };

    const checked = await runHook(["check"], env);
    assert.match(checked.stdout, /would take out: 5 registrations/);
    const offline = await runHook(["offline"], env);
    const end = JSON.parse(offline.lastLine);
    assert.equal(end.exitCode, 0, offline.stdout);
    assert.match(end.message, /4 further registrations of the pod are out of service/);
    assert.equal(end.registries.length, 5);
    for (const one of [scene.instance, ...further]) {
      assert.equal((await nacos.record(server, one))?.enabled, false, JSON.stringify(one));
      assert.ok(!ips(await nacos.list(server, one)).includes(ip));
    }
    for (const one of others) assert.deepEqual(ips(await nacos.list(server, one)), ["10.9.0.2"]);
    const status = await runHook(["status"], env);
    assert.equal(status.stdout.match(/also: .*: out of service/g)?.length, 4, status.stdout);

    const online = await runHook(["online", "--strict"], env);
    assert.match(online.lastLine, /4 further registrations of the pod are in service/);
    for (const one of [scene.instance, ...further]) {
      assert.equal((await nacos.record(server, one))?.enabled, true, JSON.stringify(one));
      assert.equal((await nacos.record(server, one))?.weight, 3);
    }
    for (const beat of beats) await beat.stop();
    for (const one of [...further, ...others]) await nacos.deregister(server, one);
  });

  test("offline works in another namespace, group and cluster", async (server) => {
    const namespaceId = `ns-${crypto.randomUUID().slice(0, 8)}`;
    const place = { namespaceId, groupName: "G-2", clusterName: "c1" };
    await using scene = await setScene(server, place);
    const offline = await runHook(["offline"], scene.env);
    assertEnd(offline, "done", /out of service, accepted/);
    assert.match(offline.stdout, /this was the last instance callers can see/);
    assert.equal(await ours(scene), undefined);
    assertEnd(await runHook(["online", "--strict"], scene.env), "done");
    assert.ok(await ours(scene));
  });

  test("offline takes an IPv6 instance out, in whatever spelling", async (server) => {
    await using scene = await setScene(server, { ip: "fd00::a:1" });
    const env = { ...scene.env, podip: "FD00:0:0:0:0:0:a:1" };
    assertEnd(await runHook(["offline"], env), "done");
    assert.equal(await ours(scene), undefined);
  });

  test("offline writes nothing for what is not there, and names the near miss", async (server) => {
    await using scene = await setScene(server);
    const wrong = { ...scene.env, ...FAILS_SOON, groupName: "WRONG" };
    const misspelt = scene.instance.serviceName.slice(0, -1);
    const [group, port, service] = await Promise.all([
      runHook(["offline"], wrong),
      runHook(["offline"], { ...scene.env, ...FAILS_SOON, port: "8081" }),
      runHook(["offline"], { ...scene.env, ...FAILS_SOON, serviceName: misspelt }),
    ]);
    assertEnd(group, "notFound", /10\.9\.0\.1:8080 is registered with groupName=DEFAULT_GROUP/);
    assertEnd(port, "notFound", /10\.9\.0\.1:8080 is registered with port=8080/);
    assertEnd(service, "notFound", new RegExp(`serviceName=${scene.instance.serviceName}`));
    const { enabled } = await recorded(scene) ?? {};
    assert.equal(enabled, true);
    // Neither a phantom nor a flag for the next pod with that address.
    const other = { ...scene.instance, port: 8081 };
    await nacos.register(server, other);
    await eventually(async () => assert.equal((await nacos.record(server, other))?.enabled, true));
    await nacos.deregister(server, other);
    assert.deepEqual(await nacos.list(server, { ...scene.instance, groupName: "WRONG" }), []);
  });

  test("offline takes out what registers late", async (server) => {
    await using scene = await setScene(server, {}, false);
    await using hook = startHook(["offline"], {
      ...scene.env,
      DRAIN_SECONDS: "6",
      TERMINATION_GRACE_PERIOD_SECONDS: "60",
    });
    await hook.waitForLine(/is not registered; nothing is written/);
    const late = await nacos.register(server, scene.instance, { heartbeat: true });
    await hook.waitForLine(/callers no longer get it/);
    assert.equal(await ours(scene), undefined);
    hook.kill("SIGKILL");
    await hook.done;
    await late.stop();
  });

  test("offline is done when the app deregisters itself", async (server) => {
    await using scene = await setScene(server);
    await using hook = startHook(["offline"], { ...scene.env, DRAIN_SECONDS: "7" });
    await hook.waitForLine(/callers no longer get it/);
    await scene.leave();
    assertEnd(await hook.done, "done", /has been deregistered/);
  });

  test("offline takes out again what somebody has brought back", async (server) => {
    await using scene = await setScene(server);
    await using hook = startHook(["offline"], { ...scene.env, DRAIN_SECONDS: "8" });
    await hook.waitForLine(/callers no longer get it/);
    await nacos.patch(server, scene.instance, { enabled: "true", weight: "3" });
    await eventually(async () => assert.ok(await ours(scene)));
    await hook.waitForLine(/it came back into service/);
    await eventually(async () => assert.equal(await ours(scene), undefined));
  });

  test("a process that starts again at its address stays out until online runs", async (server) => {
    await using scene = await setScene(server);
    assertEnd(await runHook(["offline"], scene.env), "done");
    await scene.leave();
    await eventually(async () =>
      assert.equal(await nacos.record(server, scene.instance), undefined)
    );
    await registerAndSee(server, scene.instance);
    await pause(settleMs(server));
    assert.equal((await recorded(scene))?.enabled, false);

    assertEnd(await runHook(["online", "--strict"], scene.env), "done", /accepted after/);
    const { weight, metadata } = scene.instance;
    assert.deepEqual(await ours(scene), { weight, metadata });
  }, overlaid); // On 1.4 a new registration starts afresh.

  test("a start without a disk puts back what offline has taken out", async (server) => {
    await using scene = await setScene(server);
    assertEnd(await runHook(["offline"], scene.env), "done");
    removeRecords(scene.instance.serviceName);
    const online = await runHook(["online", "--background", "--strict"], scene.env);
    assertEnd(online, "done", /is in service, accepted after/);
    const { weight, metadata } = scene.instance;
    assert.deepEqual(await ours(scene), { weight, metadata });
  });

  test("online leaves alone what no offline has taken out, unless it is forced", async (server) => {
    await using scene = await setScene(server);
    // An operator, before and after an `offline`.
    await nacos.patch(server, scene.instance, { enabled: "false", weight: "3" });
    await eventually(async () => assert.equal((await recorded(scene))?.enabled, false));
    assertEnd(await runHook(["offline"], { ...scene.env, DRAIN_SECONDS: "0" }), "done");
    for (const background of [["--background"], []]) {
      const args = ["online", "--strict", ...background];
      const online = await runHook(args, scene.env);
      const outcome = background.length > 0 ? "done" : "notConfirmed";
      assertEnd(online, outcome, /left out of service.*an operator.*`online --force` puts it back/);
    }
    assert.equal(await ours(scene), undefined);
    const forced = await runHook(["online", "--strict", "--force"], scene.env);
    assertEnd(forced, "done", /is in service, accepted after/);
    const { weight, metadata } = scene.instance;
    assert.deepEqual(await ours(scene), { weight, metadata });
  });

  test("an app that registers itself out of service stays so", async (server) => {
    await using scene = await setScene(server, { enabled: false });
    const online = await runHook(["online", "--background", "--strict"], scene.env);
    assertEnd(online, "done", /left out of service.*instance-enabled=false/);
    assert.equal(await ours(scene), undefined);
  });

  test(
    "REMOVE_AFTER_DRAIN removes a persistent instance, and leaves an ephemeral one",
    async (server) => {
      for (const ephemeral of [false, true]) {
        // A service has instances of one kind only.
        await using scene = await setScene(server, { ephemeral });
        const check = await runHook(["check"], scene.env);
        assert.equal(
          /WARNING: .*REMOVE_AFTER_DRAIN=true removes it/.test(check.stdout),
          !ephemeral,
        );
        const run = await runHook(["offline"], { ...scene.env, REMOVE_AFTER_DRAIN: "true" });
        assertEnd(run, "done", ...(ephemeral ? [] : [/10\.9\.0\.1:8080 of \S+ in .* is removed/]));
        if (ephemeral) assert.doesNotMatch(run.lastLine, /removed/);
        assert.equal((await recorded(scene))?.enabled, ephemeral ? false : undefined);
      }
    },
    (about) => about.generation !== "1.4",
  ); // Not measured there.

  test("online waits for the app to register", async (server) => {
    await using scene = await setScene(server, {}, false);
    await using online = startHook(["online", "--strict"], scene.env);
    await online.waitForLine(/is not registered/);
    await registerAndSee(server, scene.instance);
    assertEnd(await online.done, "done", /is in service already/);
  });

  test("status says what callers get and writes nothing", async (server) => {
    await using scene = await setScene(server);
    assertStatusEnd(await runHook(["status"], scene.env), "done", /: in service\b/, /weight: 3/);
    await nacos.patch(server, scene.instance, { enabled: "false", weight: "3" });
    await eventually(async () => assert.equal((await recorded(scene))?.enabled, false));
    const run = await runHook(["status", "--json"], scene.env);
    assertStatusEnd(run, "done");
    const [report] = JSON.parse(run.stdout).registries;
    assert.equal(report.inService, false);
    assert.equal(report.callers[0].listed, false);
    assert.equal((await recorded(scene))?.enabled, false);
  });

  test("a wrong password is refused with the reason, and the drain is kept", async (server) => {
    await using scene = await setScene(server);
    const env = { ...scene.env, ...FAILS_SOON, NACOS_PASSWORD: "quite-wrong" };
    const run = await runHook(["offline"], env);
    assertEnd(run, "refused", /login of user .* failed/, /NACOS_PASSWORD/, drained(FAILING_S - 1));
    assert.equal((await recorded(scene))?.enabled, true);
  }, guarded);

  test("a server that wants a user gets an error that names the settings", async (server) => {
    await using scene = await setScene(server);
    const env = { ...scene.env, ...FAILS_SOON, NACOS_USERNAME: "", NACOS_PASSWORD: "" };
    const run = await runHook(["offline"], env);
    assertEnd(run, "refused", /set NACOS_USERNAME and NACOS_PASSWORD_FILE/);
  }, guarded);

  test("a user of another namespace is told that permission is missing", async (server) => {
    await using scene = await setScene(server);
    const stranger = await knownUser(server, "some-other-namespace");
    const run = await runHook(["offline"], { ...scene.env, ...FAILS_SOON, ...stranger });
    assertEnd(run, "refused", /lacks the permission/);
    assert.equal((await recorded(scene))?.enabled, true);
  }, guarded);

  test("a user where none is needed does no harm, known or not", async (server) => {
    await using scene = await setScene(server);
    const env = { ...scene.env, NACOS_USERNAME: "nobody-here", NACOS_PASSWORD: "quite-wrong" };
    assertEnd(await runHook(["offline"], env), "done");
    assert.equal(await ours(scene), undefined);
  }, open);

  register(`${name}: what the program does`, (t) => atOnce(t, chosen(cases, names)));
}
