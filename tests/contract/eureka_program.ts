/**
 * What the program does on a Eureka server, as another client of that server sees it: the same cases
 * on real servers and on the stand-in.
 */

import assert from "node:assert/strict";
import type { ServerTraits } from "./eureka_wire_kit.ts";
import { assertWholeShutdown } from "./whole_shutdown.ts";
import { atOnce, chosen, type Register, registerAlone } from "../support/at_once.ts";
import { assertEnd, assertStatusEnd, drained } from "../support/ends.ts";
import * as eureka from "../support/eureka_client.ts";
import type { EurekaUnderTest } from "../support/eureka_under_test.ts";
import { registerSecret, removeRecords, runHook, startHook } from "../support/hook.ts";
import { FAILING_S, FAILS_SOON } from "../support/lab_runs.ts";
import type { Registration } from "../support/registration.ts";
import { eventually } from "../support/pause.ts";

/** What is known of a server before it has started. */
interface ProgramTraits extends ServerTraits {
  /** How often the cache behind the lists is refreshed, milliseconds. */
  readonly cacheMs: number;
}

/** An app with one instance, and its surroundings. */
interface Scene extends AsyncDisposable {
  readonly server: EurekaUnderTest;
  readonly instance: eureka.TestInstance;
  readonly env: Readonly<Record<string, string>>;
  add(instance: eureka.TestInstance): Promise<Registration<eureka.TestInstance>>;
  /** The app dies: no more heartbeats. */
  kill(): Promise<void>;
}

/** How a pod says where Eureka is and who asks. */
export function eurekaEnv(server: EurekaUnderTest): Record<string, string> {
  const { rootUrl, credentials } = server;
  if (credentials === undefined) return { EUREKA_URL: rootUrl };
  registerSecret(credentials.password);
  return {
    EUREKA_URL: rootUrl,
    EUREKA_USERNAME: credentials.username,
    EUREKA_PASSWORD: credentials.password,
  };
}

async function setScene(
  server: EurekaUnderTest,
  place: Partial<eureka.TestInstance> = {},
  registered = true,
): Promise<Scene> {
  const app = place.app ?? `program-${crypto.randomUUID().slice(0, 8)}`;
  const instance: eureka.TestInstance = {
    app,
    hostName: "pod-1",
    ip: "10.9.0.1",
    port: 8080,
    metadata: { version: "v1" },
    ...("hostName" in place ? {} : { instanceId: `pod-1:${app}:8080` }),
    ...place,
  };
  const running: [eureka.TestInstance, Registration<eureka.TestInstance>][] = [];
  const add = async (one: eureka.TestInstance) => {
    const registration = await eureka.register(server, one, { heartbeat: true });
    running.push([one, registration]);
    return registration;
  };
  const kill = async () => {
    for (const [, registration] of running) await registration.stop();
  };
  if (registered) await add(eureka.aged(instance));
  return {
    server,
    instance,
    env: {
      ...eurekaEnv(server),
      podip: instance.ip,
      // All cases have the same address.
      OFFLINE_SCOPE: "named",
      APPLICATION: app,
      APPLICATION_PORT: String(instance.port),
      DRAIN_SECONDS: "1",
    },
    add,
    kill,
    async [Symbol.asyncDispose]() {
      await kill();
      // What the case has removed already answers 404.
      for (const [one] of running) await eureka.deregister(server, one).catch(() => {});
      // One case looks for a name that is a letter shorter.
      removeRecords(app.slice(0, -1).toUpperCase());
    },
  };
}

/** Status and override in the registry's own record; undefined where there is none. */
async function recorded(scene: Scene, of = scene.instance): Promise<string[] | undefined> {
  const found = await eureka.instance(scene.server, of);
  return found && [found.status, found.overriddenStatus];
}

const OUT = ["OUT_OF_SERVICE", "OUT_OF_SERVICE"];
const UP = ["UP", "UNKNOWN"];

async function callersGet({ server, instance }: Scene): Promise<string[]> {
  const found = await eureka.list(server, instance.app);
  return found.filter(({ status }) => status === "UP").map(eureka.idOf).toSorted();
}

/** Near misses are looked for in the list of all apps, which has a cache of its own. */
async function inTheListOfAll({ server, instance }: Scene): Promise<void> {
  await eventually(async () => {
    const all = await eureka.listAll(server);
    assert.ok(all.some(({ app }) => app === instance.app.toUpperCase()));
  }, server.cacheMs + 5_000);
}

/**
 * Registers the cases as one test whose steps run side by side. They use names of their own and
 * leave nothing behind that lasts.
 * @param names of the cases that are wanted, where not all are
 * @param register what registers it
 */
export function eurekaProgramContract(
  name: string,
  about: ProgramTraits,
  server: () => EurekaUnderTest,
  names?: readonly string[],
  register: Register = registerAlone,
): void {
  const cases: Record<string, () => Promise<void>> = {};
  const writable = (behaviour: string, fn: (server: EurekaUnderTest) => Promise<void>) => {
    if (!about.csrf) cases[behaviour] = () => fn(server());
  };
  const guarded = (behaviour: string, fn: (server: EurekaUnderTest) => Promise<void>) => {
    if (about.auth && !about.csrf) cases[behaviour] = () => fn(server());
  };
  const listMs = about.cacheMs + 5_000;

  writable("offline and online change nothing but whether callers get it", async (server) => {
    await using scene = await setScene(server);
    const neighbour = { ...scene.instance, instanceId: "pod-2", ip: "10.9.0.2" };
    await scene.add(neighbour);
    await eventually(async () => assert.equal((await callersGet(scene)).length, 2), listMs);
    const before = await eureka.instance(server, scene.instance);
    // The last is where `offline` leaves its mark; no caller reads it.
    const changing = { status: "", overriddenStatus: "", dirtyAt: "" };

    const drain = { TERMINATION_GRACE_PERIOD_SECONDS: "60", DRAIN_SECONDS: "1" };
    const offline = await runHook(["offline"], { ...scene.env, ...drain });
    assertEnd(offline, "done", /is out of service, accepted after \d+ ms/, /drained \d/);
    assert.deepEqual(await recorded(scene), OUT);
    assert.deepEqual(await recorded(scene, neighbour), UP);
    await eventually(async () => assert.deepEqual(await callersGet(scene), ["pod-2"]), listMs);
    const after = await eureka.instance(server, scene.instance);
    assert.deepEqual({ ...after, ...changing }, { ...before, ...changing });

    const again = await runHook(["offline"], { ...scene.env, DRAIN_SECONDS: "0" });
    assertEnd(again, "done", /out of service already/);

    const online = await runHook(["online", "--strict"], scene.env);
    assertEnd(online, "done", /is in service, accepted after/, /callers get it after/);
    assert.deepEqual(await recorded(scene), UP);
    assert.equal((await callersGet(scene)).length, 2);

    const nothing = await runHook(["online", "--strict"], scene.env);
    assertEnd(nothing, "done", /in service already/);
    assert.doesNotMatch(nothing.stdout, /putting it back/);
  });

  writable(
    "everything that the pod has registered leaves, and comes back; another pod is never touched",
    async (server) => {
      // Of no other case.
      const ip = `10.77.${crypto.getRandomValues(new Uint8Array(2)).join(".")}`;
      await using scene = await setScene(server, { ip });
      const { app } = scene.instance;
      const further = [
        { ...scene.instance, port: 9090, instanceId: `pod-1:${app}:9090` },
        { ...scene.instance, app: `${app}-ADMIN`, instanceId: `pod-1:${app}:admin` },
        { ...scene.instance, app: `${app}-GRPC`, port: 9000, instanceId: `pod-1:${app}:grpc` },
      ];
      const others = further.map((one, i) => {
        return { ...one, ip: "10.9.0.2", instanceId: `pod-2:${app}:${i}` };
      });
      for (const one of [...further, ...others]) await scene.add(one);
      const all = [scene.instance, ...further];
      await eventually(async () => {
        const listed = (await eureka.listAll(server)).map(eureka.idOf);
        for (const one of [...all, ...others]) assert.ok(listed.includes(eureka.idOf(one)));
      }, listMs);
      // Without OFFLINE_SCOPE: the name podip says whose address it is, and the named one confirms it.
      const env = { ...scene.env, OFFLINE_SCOPE: "", LOG_FORMAT: "json" };

      const checked = await runHook(["check"], env);
      assert.match(checked.stdout, /would take out: 4 registrations/);
      const offline = await runHook(["offline"], env);
      const end = JSON.parse(offline.lastLine);
      assert.equal(end.exitCode, 0, offline.stdout);
      assert.match(end.message, /3 further registrations of the pod are out of service/);
      for (const one of all) assert.deepEqual(await recorded(scene, one), OUT, one.app);
      for (const one of others) assert.deepEqual(await recorded(scene, one), UP, one.app);

      const online = await runHook(["online", "--strict"], env);
      assert.match(online.lastLine, /3 further registrations of the pod are in service/);
      for (const one of all) assert.deepEqual(await recorded(scene, one), UP, one.app);
    },
  );

  writable(
    "the whole shutdown: check, the app told, traffic, the end told, the last line",
    async (server) => {
      await using scene = await setScene(server);
      const { ip, port } = scene.instance;
      await assertWholeShutdown({
        env: scene.env,
        names: { ip, port, instance: eureka.idOf(scene.instance) },
        isInService: async () => (await recorded(scene))?.[0] === "UP",
      });
    },
  );

  writable("offline says when callers no longer get it, and not before", async (server) => {
    await using scene = await setScene(server);
    await eventually(async () => assert.equal((await callersGet(scene)).length, 1), listMs);
    await using hook = startHook(["offline"], {
      ...scene.env,
      DRAIN_SECONDS: "100",
      TERMINATION_GRACE_PERIOD_SECONDS: "150",
    });
    // Whoever asks for the same list sees it leave no later.
    await hook.waitForLine(/callers no longer get it/);
    assert.deepEqual(await callersGet(scene), []);
    assert.match(hook.stdout, /this was the last instance callers can see/);
  });

  writable("heartbeats do not bring it back", async (server) => {
    await using scene = await setScene(server);
    assertEnd(await runHook(["offline"], scene.env), "done");
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    assert.deepEqual(await recorded(scene), OUT);
  });

  writable("instanceId goes before the look-up, and its case counts", async (server) => {
    await using scene = await setScene(server, { instanceId: "Some-Id" });
    await inTheListOfAll(scene);
    const env = { ...scene.env, APPLICATION_PORT: "1" };
    const wrong = await runHook(["offline"], { ...env, ...FAILS_SOON, instanceId: "some-id" });
    assertEnd(wrong, "notFound", /registered with .*instanceId=Some-Id/);
    assert.deepEqual(await recorded(scene), UP);
    assertEnd(await runHook(["offline"], { ...env, instanceId: "Some-Id" }), "done");
    assert.deepEqual(await recorded(scene), OUT);
  });

  writable("an app that gave no id is found all the same", async (server) => {
    await using scene = await setScene(server, { hostName: "js-1" });
    assertEnd(await runHook(["offline"], scene.env), "done");
    assert.deepEqual(await recorded(scene), OUT);
  });

  writable("without podip it is our own address", async (server) => {
    await using scene = await setScene(server, { ip: "127.0.0.1" });
    const run = await runHook(["offline"], { ...scene.env, podip: "" });
    assertEnd(run, "done");
    assert.match(run.stdout, /podip is not known: using 127\.0\.0\.1/);
    assert.deepEqual(await recorded(scene), OUT);
  });

  writable("the name of the app may be spelled in any case, the URL in any way", async (server) => {
    await using scene = await setScene(server);
    const env = { ...scene.env, APPLICATION: scene.instance.app.toUpperCase() };
    for (const end of ["/", "//", "/apps", "/apps/"]) {
      const run = await runHook(["status"], { ...env, EUREKA_URL: server.rootUrl + end });
      assertStatusEnd(run, "done", /: in service\b/);
    }
    const { origin } = new URL(server.rootUrl);
    assertStatusEnd(await runHook(["status"], { ...env, EUREKA_URL: origin }), "done");
  });

  writable(
    "offline writes nothing for what is not there, and names the near miss",
    async (server) => {
      // An address that no other case has: who else is there is told too.
      await using scene = await setScene(server, { ip: "10.9.7.1" });
      await inTheListOfAll(scene);
      const env = { ...scene.env, ...FAILS_SOON };
      const misspelt = scene.instance.app.slice(0, -1);
      const [port, app, ip] = await Promise.all([
        runHook(["offline"], { ...env, APPLICATION_PORT: "8081" }),
        runHook(["offline"], { ...env, APPLICATION: misspelt }),
        runHook(["offline"], { ...env, podip: "10.9.0.9" }),
      ]);
      assertEnd(port, "notFound", /10\.9\.7\.1:8080 .*registered with APPLICATION_PORT=8080/);
      assertEnd(app, "notFound", new RegExp(`APPLICATION=${scene.instance.app.toUpperCase()}`));
      assertEnd(
        ip,
        "notFound",
        /1 instance\(s\), none of them at 10\.9\.0\.9, for example 10\.9\.7\.1/,
      );
      assert.deepEqual(await recorded(scene), UP);
    },
  );

  writable("offline takes out what registers late", async (server) => {
    await using scene = await setScene(server, {}, false);
    await using hook = startHook(["offline"], {
      ...scene.env,
      DRAIN_SECONDS: "60",
      TERMINATION_GRACE_PERIOD_SECONDS: "100",
    });
    await hook.waitForLine(/is not registered; nothing is written/);
    await scene.add(scene.instance);
    // That the app is not there is cached too.
    await hook.waitForLine(/out of service in the registry's own record/);
    assert.deepEqual(await recorded(scene), OUT);
  });

  writable("offline is done when the app deregisters itself", async (server) => {
    await using scene = await setScene(server);
    await using hook = startHook(["offline"], { ...scene.env, DRAIN_SECONDS: "15" });
    await hook.waitForLine(/out of service in the registry's own record/);
    await scene.kill();
    await eureka.deregister(server, scene.instance);
    assertEnd(await hook.done, "done", /has been deregistered/);
  });

  writable("offline takes out again what somebody has brought back", async (server) => {
    await using scene = await setScene(server);
    await using hook = startHook(["offline"], { ...scene.env, DRAIN_SECONDS: "20" });
    await hook.waitForLine(/out of service in the registry's own record/);
    await eureka.clearStatus(server, scene.instance, "UP");
    await hook.waitForLine(/it came back into service/);
    await eventually(async () => assert.deepEqual(await recorded(scene), OUT));
  });

  writable(
    "a process that dies and starts again with its id stays out until online",
    async (server) => {
      await using scene = await setScene(server);
      assertEnd(await runHook(["offline"], scene.env), "done");
      await scene.kill();
      await scene.add(scene.instance);
      assert.deepEqual(await recorded(scene), OUT);
      assertEnd(await runHook(["online", "--strict"], scene.env), "done", /accepted after/);
      assert.deepEqual(await recorded(scene), UP);
    },
  );

  writable("online at a start puts back only what has given a sign of life", async (server) => {
    await using scene = await setScene(server);
    assertEnd(await runHook(["offline"], scene.env), "done");
    await scene.kill();
    const start = ["online", "--background", "--strict"];
    const late = await runHook(start, { ...scene.env, ONLINE_TIMEOUT_SECONDS: "3" });
    assertEnd(late, "notConfirmed", /there was no heartbeat since/);
    assert.deepEqual(await recorded(scene), OUT);

    await using online = startHook(start, scene.env);
    await online.waitForLine(/there was no heartbeat since.*waiting/);
    await scene.add(scene.instance);
    assertEnd(await online.done, "done", /is in service, accepted/);
    assert.deepEqual(await recorded(scene), UP);
  });

  writable("a start without a disk puts back what offline has taken out", async (server) => {
    await using scene = await setScene(server);
    assertEnd(await runHook(["offline"], scene.env), "done");
    await scene.kill();
    removeRecords(scene.instance.app.toUpperCase());
    await using online = startHook(["online", "--background", "--strict"], scene.env);
    await online.waitForLine(/there was no heartbeat since.*waiting/);
    // The new registration has lost the mark.
    await scene.add(scene.instance);
    assertEnd(await online.done, "done", /is in service, accepted/);
    assert.deepEqual(await recorded(scene), UP);
  });

  writable(
    "an app that changes something itself does not lose the mark of offline",
    async (server) => {
      for (const status of ["OUT_OF_SERVICE", "DOWN"] as const) {
        await using scene = await setScene(server);
        await using offline = startHook(["offline"], { ...scene.env, DRAIN_SECONDS: "30" });
        await offline.waitForLine(/out of service in the registry's own record/);
        await scene.add({ ...scene.instance, status });
        const dirtyAt = async () => (await eureka.instance(server, scene.instance))?.dirtyAt ?? 0;
        const registered = await dirtyAt();
        await eventually(async () => assert.ok(await dirtyAt() > registered), 25_000);
        await eventually(async () => assert.deepEqual(await recorded(scene), OUT));
        offline.kill("SIGKILL");
        await offline.done;
        await scene.kill();
        removeRecords(scene.instance.app.toUpperCase());
        await using start = startHook(["online", "--background", "--strict"], scene.env);
        await start.waitForLine(/there was no heartbeat since.*waiting/);
        await scene.add(scene.instance);
        assertEnd(await start.done, "done", /is in service, accepted/);
      }
    },
  );

  writable(
    "online leaves alone what no offline has taken out, unless it is forced",
    async (server) => {
      for (const status of ["OUT_OF_SERVICE", "DOWN"] as const) {
        await using scene = await setScene(server);
        await eureka.setStatus(server, scene.instance, status);
        // An `offline` that finds it so leaves no mark either.
        assertEnd(await runHook(["offline"], { ...scene.env, DRAIN_SECONDS: "0" }), "done");
        const why = new RegExp(`left out of service.*somebody else has written ${status}.*--force`);
        const start = await runHook(["online", "--background", "--strict"], scene.env);
        assertEnd(start, "done", why);
        assertEnd(await runHook(["online", "--strict"], scene.env), "notConfirmed", why);
        assert.deepEqual(await recorded(scene), [status, status]);
        assertEnd(await runHook(["online", "--strict", "--force"], scene.env), "done");
        assert.deepEqual(await recorded(scene), UP);
        // Put back by `online`, it bears no mark any more.
        await eureka.setStatus(server, scene.instance, status);
        assertEnd(await runHook(["online", "--background", "--strict"], scene.env), "done", why);
      }
    },
  );

  writable("an app that registers itself out of service stays so", async (server) => {
    await using scene = await setScene(server, { status: "OUT_OF_SERVICE" });
    const own = ["OUT_OF_SERVICE", "UNKNOWN"];
    const start = await runHook(["online", "--background", "--strict"], scene.env);
    assertEnd(
      start,
      "done",
      /left out of service.*its app has registered itself as OUT_OF_SERVICE/,
    );
    assert.deepEqual(await recorded(scene), own);
    assertEnd(await runHook(["online", "--strict", "--force"], scene.env), "done");
    assert.deepEqual(await recorded(scene), UP);
  });

  writable("a process that has deregistered itself starts again in service", async (server) => {
    await using scene = await setScene(server);
    assertEnd(await runHook(["offline"], scene.env), "done");
    await scene.kill();
    await eureka.deregister(server, scene.instance);
    await scene.add(scene.instance);
    assert.deepEqual(await recorded(scene), UP);
  });

  writable(
    "two registrations of one address go out together, and come back together",
    async (server) => {
      await using scene = await setScene(server);
      const left = { ...scene.instance, instanceId: "left-behind-by-a-crash" };
      await scene.add(left);
      await eventually(async () => assert.equal((await callersGet(scene)).length, 2), listMs);
      assertEnd(await runHook(["offline"], scene.env), "done");
      for (const one of [scene.instance, left]) assert.deepEqual(await recorded(scene, one), OUT);
      assertEnd(await runHook(["online", "--strict"], scene.env), "done");
      for (const one of [scene.instance, left]) assert.deepEqual(await recorded(scene, one), UP);
    },
  );

  writable("a successor with the same id and another address is left alone", async (server) => {
    await using scene = await setScene(server);
    const env = { ...scene.env, instanceId: eureka.idOf(scene.instance) };
    await using hook = startHook(["offline"], { ...env, DRAIN_SECONDS: "12" });
    await hook.waitForLine(/out of service in the registry's own record/);
    await scene.kill();
    const successor = { ...scene.instance, ip: "10.9.0.77" };
    await scene.add(successor);
    await eureka.clearStatus(server, successor, "UP");
    assertEnd(await hook.done, "done", /has been deregistered/);
    assert.deepEqual(await recorded(scene, successor), UP);

    const late = await runHook(["offline"], { ...env, ...FAILS_SOON });
    assertEnd(late, "notFound", /registered with podip=10\.9\.0\.77/);
    assert.deepEqual(await recorded(scene, successor), UP);
  });

  writable("an app that is still starting is out when it is UP", async (server) => {
    await using scene = await setScene(server, { status: "STARTING" });
    assertEnd(await runHook(["offline"], scene.env), "done", /is out of service, accepted/);
    await scene.kill();
    await scene.add({ ...scene.instance, status: "UP" });
    assert.deepEqual(await recorded(scene), OUT);
  });

  writable("online waits for the app to register and to be UP", async (server) => {
    await using scene = await setScene(server, {}, false);
    await using online = startHook(["online", "--strict"], scene.env);
    await online.waitForLine(/is not registered/);
    const starting = await scene.add({ ...scene.instance, status: "STARTING" });
    await online.waitForLine(/its app does not report that it is ready/);
    assert.deepEqual((await recorded(scene))?.[0], "STARTING");
    await starting.stop();
    await scene.add({ ...scene.instance, status: "UP" });
    assertEnd(await online.done, "done", /is in service already/, /callers get it after/);
  });

  writable("status says what callers get and writes nothing", async (server) => {
    await using scene = await setScene(server);
    assertStatusEnd(await runHook(["status"], scene.env), "done", /: in service\b/, /status: UP/);
    await eureka.setStatus(server, scene.instance, "OUT_OF_SERVICE");
    const run = await runHook(["status", "--json"], scene.env);
    assertStatusEnd(run, "done");
    const [report] = JSON.parse(run.stdout).registries;
    assert.equal(report.inService, false);
    assert.equal(report.details.override, "OUT_OF_SERVICE");
    assert.deepEqual(await recorded(scene), OUT);
  });

  writable("REMOVE_AFTER_DRAIN removes what the app leaves behind", async (server) => {
    await using scene = await setScene(server);
    await scene.kill();
    const run = await runHook(["offline"], { ...scene.env, REMOVE_AFTER_DRAIN: "true" });
    assertEnd(run, "done", /is out of service/, /is removed/, drained(1));
    assert.equal(await recorded(scene), undefined);
  });

  writable("after REMOVE_AFTER_DRAIN a heartbeat brings it back UP", async (server) => {
    await using scene = await setScene(server);
    // As real clients do, it registers anew when its heartbeat is answered with 404.
    const run = await runHook(["offline"], { ...scene.env, REMOVE_AFTER_DRAIN: "true" });
    assertEnd(run, "done", /is removed/);
    await eventually(async () => assert.deepEqual(await recorded(scene), UP));
  });

  guarded("user and password may stand in the URL", async (server) => {
    await using scene = await setScene(server);
    const { username, password } = server.credentials ?? { username: "", password: "" };
    const url = new URL(server.rootUrl);
    url.username = encodeURIComponent(username);
    url.password = encodeURIComponent(password);
    const env = { ...scene.env, EUREKA_URL: url.href, EUREKA_USERNAME: "", EUREKA_PASSWORD: "" };
    const run = await runHook(["offline"], env);
    assertEnd(run, "done");
    assert.deepEqual(await recorded(scene), OUT);
  });

  guarded("a wrong password is refused with the reason, and the drain is kept", async (server) => {
    await using scene = await setScene(server);
    const env = { ...scene.env, ...FAILS_SOON, EUREKA_PASSWORD: "quite-wrong" };
    const run = await runHook(["offline"], env);
    assertEnd(run, "refused", /answered 401/, /EUREKA_PASSWORD/, drained(FAILING_S - 1));
    assert.deepEqual(await recorded(scene), UP);
  });

  guarded("a server that wants a user gets an error that names the settings", async (server) => {
    await using scene = await setScene(server);
    const env = { ...scene.env, ...FAILS_SOON, EUREKA_USERNAME: "", EUREKA_PASSWORD: "" };
    assertEnd(
      await runHook(["offline"], env),
      "refused",
      /set EUREKA_USERNAME and EUREKA_PASSWORD/,
    );
  });

  register(`${name}: what the program does`, (t) => atOnce(t, chosen(cases, names)));
}
