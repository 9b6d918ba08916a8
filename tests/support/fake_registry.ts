/** A registry in memory, for tests of what uses one. */

import type { Clock } from "../../src/clock.ts";
import { NotFoundError, UnreachableError } from "../../src/errors.ts";
import type { Finding } from "../../src/registry/examine.ts";
import type { InstanceState, Registry, Sighting } from "../../src/registry/registry.ts";

type Verb =
  | "locate"
  | "locateAt"
  | "takeOut"
  | "putBack"
  | "callersViews"
  | "nearMisses"
  | "remove"
  | "check";

export type State = "absent" | InstanceState;

export interface FakeRegistryOptions {
  readonly clock: Clock;
  /** Its name. @default {"nacos"} */
  readonly name?: string;
  /** Where the instance stands at first. @default {"inService"} */
  readonly state?: State;
  /** How long a call takes, milliseconds. @default {0} */
  readonly answerMs?: number;
  /** How long after a write the record shows it, milliseconds. @default {0} */
  readonly recordLagMs?: number;
  /** How far the list of each address lies behind the record, milliseconds. @default {one, 0} */
  readonly addresses?: Readonly<Record<string, number>>;
  /** Addresses with a record of their own, which no write to another reaches. @default {none} */
  readonly separate?: Readonly<Record<string, State>>;
  /** What addresses without an answer said. @default {[]} */
  readonly failures?: readonly string[];
  /** How many other instances callers get. @default {2} */
  readonly others?: number;
  /** What `nearMisses` finds. @default {[]} */
  readonly nearMisses?: readonly string[];
  /** Who keeps it back at first, where that is no `offline`; goes with the first write. */
  readonly othersWish?: string;
  /** Whether the app is alive only once it has beaten after the first look. @default {false} */
  readonly signsOfLife?: boolean;
  /** What `check` finds about the one address. @default {the permission to write} */
  readonly findings?: readonly Finding[];
  /** Whether the settings ask for a removal at the end. @default {false} */
  readonly removes?: boolean;
  /** As every registry has it. @default {40} */
  readonly callerCacheSeconds?: number;
  /** As every registry has it. @default {10} */
  readonly listLagSeconds?: number;
}

interface Call {
  readonly verb: Verb;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly address?: string;
}

export interface FakeRegistry extends Registry {
  readonly calls: readonly Call[];
  /** When a verb was called, milliseconds since the epoch each. */
  times(verb: Verb): number[];
  state(address?: string): State;
  listed(): boolean;
  /** Changes record and list by itself, as the app or another client would. */
  become(state: State, address?: string): void;
  /** A heartbeat of the app; a registration is one as well. */
  beat(): void;
  /** Who keeps it back from now on, where that is no `offline`. */
  wish(othersWish: string | undefined): void;
  fail(verb: Verb, error: Error, times?: number): void;
  /** Does something right before the next call of a verb is answered; what it throws is thrown. */
  before(verb: Verb, action: (signal: AbortSignal) => void | Promise<void>): void;
  hang(verb: Verb): void;
  dropWrites(count: number): void;
}

type History = { from: number; state: State }[];

/** A sighting that is to be written at one address only. */
type FakeSighting = Sighting & { readonly only?: string };

/** Makes a registry with one instance, `10.0.0.7:8080 of orders`. */
export function createFakeRegistry(options: FakeRegistryOptions): FakeRegistry {
  const { clock, name = "nacos", others = 2, recordLagMs = 0 } = options;
  const { separate = {} } = options;
  const lags = options.addresses ?? { [`http://${name}:8848`]: 0 };
  const addresses = [...Object.keys(lags), ...Object.keys(separate)];
  const wanted = "10.0.0.7:8080 of orders";
  const beginning = (state: State): History => [{ from: -Infinity, state }];
  const first = beginning(options.state ?? "inService");
  const histories = new Map(
    Object.entries(separate).map(([address, state]) => [address, beginning(state)]),
  );
  const calls: Call[] = [];
  const actions: { verb: Verb; action: (signal: AbortSignal) => void | Promise<void> }[] = [];
  let dropped = 0;
  let { othersWish } = options;
  let beats = 0;
  let firstBeats: number | undefined;

  const historyOf = (address?: string) => histories.get(address ?? "") ?? first;
  const stateAt = (moment: number, address?: string): State =>
    historyOf(address).findLast((one) => one.from <= moment)?.state ?? "absent";
  const isListed = (address: string) =>
    stateAt(clock.now() - (lags[address] ?? 0), address) === "inService";
  const before: FakeRegistry["before"] = (verb, action) => void actions.push({ verb, action });

  async function answer(verb: Verb, signal: AbortSignal, address?: string): Promise<void> {
    calls.push({ verb, at: clock.now(), ...(address ? { address } : {}) });
    await (options.answerMs ? clock.sleep(options.answerMs, signal) : Promise.resolve());
    if (signal.aborted) throw new UnreachableError(`${verb}: no answer in time`);
    const index = actions.findIndex((one) => one.verb === verb);
    if (index >= 0) await actions.splice(index, 1)[0]?.action(signal);
  }

  function write(state: State, only?: string): void {
    if (stateAt(clock.now(), only) === "absent") throw new NotFoundError(`no ${wanted}`);
    othersWish = undefined;
    if (dropped > 0) dropped--;
    else historyOf(only).push({ from: clock.now() + recordLagMs, state });
  }

  function sightingAt(address: string, only?: string): FakeSighting | undefined {
    const state = stateAt(clock.now(), address);
    firstBeats ??= beats;
    if (state === "absent") return undefined;
    return {
      label: wanted,
      address,
      state,
      details: { weight: 1 },
      othersWish: state === "outOfService" ? othersWish : undefined,
      isAlive: !options.signsOfLife || beats !== firstBeats || state === "partlyOut",
      ...(only ? { only } : {}),
    };
  }

  return {
    name,
    identity: `orders ${name}`,
    wanted,
    callerCacheSeconds: options.callerCacheSeconds ?? 40,
    listLagSeconds: options.listLagSeconds ?? 10,
    confirmPauseMs: (elapsedMs) => elapsedMs === 0 ? 0 : elapsedMs < 1_000 ? 100 : 1_000,

    addresses,

    async locate(signal) {
      await answer("locate", signal);
      return sightingAt(addresses[0] ?? "");
    },
    async locateAt(address, signal) {
      await answer("locateAt", signal, address);
      return sightingAt(address, address);
    },
    async set(sighting, inService, signal) {
      const { only } = sighting as FakeSighting;
      await answer(inService ? "putBack" : "takeOut", signal, only);
      write(inService ? "inService" : "outOfService", only);
    },
    async callersViews(signal) {
      await answer("callersViews", signal);
      const answers = addresses.map((address) => {
        return { address, listed: isListed(address), others };
      });
      return { answers, failures: options.failures ?? [] };
    },
    async nearMisses(signal) {
      await answer("nearMisses", signal);
      return [...options.nearMisses ?? []];
    },
    ...(options.removes
      ? {
        async remove(signal: AbortSignal) {
          await answer("remove", signal);
          write("absent");
          return `${wanted} is removed`;
        },
      }
      : {}),
    async check(signal) {
      await answer("check", signal);
      const findings = options.findings ?? [{ about: "write", ok: true, text: "allowed" }];
      return addresses.map((address) => ({ address, findings }));
    },
    names: () => ({ ip: "10.0.0.7", port: "8080", service: "orders", instance: `${name} id` }),
    describe: () => ({ address: addresses[0], version: `Fake ${name}` }),

    calls,
    times: (verb) => calls.filter((call) => call.verb === verb).map((call) => call.at),
    state: (address) => stateAt(clock.now(), address),
    listed: () => addresses.every(isListed),
    become(state, address) {
      if (stateAt(clock.now(), address) === "absent") beats++;
      historyOf(address).push({ from: clock.now(), state });
    },
    beat: () => void beats++,
    wish: (wish) => void (othersWish = wish),
    before,
    fail(verb, error, times = 1) {
      for (let i = 0; i < times; i++) {
        before(verb, () => {
          throw error;
        });
      }
    },
    hang(verb) {
      before(verb, async (signal) => {
        await clock.sleep(Infinity, signal);
        throw new UnreachableError(`${verb}: no answer in time`);
      });
    },
    dropWrites: (count) => void (dropped = count),
  };
}
