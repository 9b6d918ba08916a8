/**
 * A registry in memory, for tests of what uses one.
 *
 * @module
 */

import type { Clock } from "../../src/clock.ts";
import { NotFoundError, UnreachableError } from "../../src/errors.ts";
import type { Finding } from "../../src/registry/examine.ts";
import type { InstanceState, Registry, Sighting } from "../../src/registry/registry.ts";

/** A question or order of a registry. */
export type Verb =
  | "locate"
  | "takeOut"
  | "putBack"
  | "callersViews"
  | "nearMisses"
  | "remove"
  | "check";

/** What the registry knows about the instance. */
export type State = "absent" | InstanceState;

/** How the registry behaves. */
export interface FakeRegistryOptions {
  /** Measures lags and answers. */
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
  /** What addresses without an answer said. @default {[]} */
  readonly failures?: readonly string[];
  /** How many other instances callers get. @default {2} */
  readonly others?: number;
  /** What `nearMisses` finds. @default {[]} */
  readonly nearMisses?: readonly string[];
  /** Whether a look shows the app's signs of life. @default {false} */
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

/** One call that was made. */
export interface Call {
  /** What was called. */
  readonly verb: Verb;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A registry that does what a test tells it to. */
export interface FakeRegistry extends Registry {
  /** Every call so far. */
  readonly calls: readonly Call[];
  /** When a verb was called, milliseconds since the epoch each. */
  times(verb: Verb): number[];
  /** What the record says now. */
  state(): State;
  /** Whether the callers of every address get the instance now. */
  listed(): boolean;
  /** Changes record and list by itself, as the app or another client would. */
  become(state: State): void;
  /** A heartbeat of the app; a registration is one as well. */
  beat(): void;
  /** Lets the next calls of a verb fail. */
  fail(verb: Verb, error: Error, times?: number): void;
  /** Does something right before the next call of a verb is answered; what it throws is thrown. */
  before(verb: Verb, action: (signal: AbortSignal) => void | Promise<void>): void;
  /** Lets the next call of a verb stay open until its signal fires. */
  hang(verb: Verb): void;
  /** Answers the next writes as if all were well, and does nothing. */
  dropWrites(count: number): void;
}

/**
 * Makes a registry with one instance, `10.0.0.7:8080 of orders`.
 *
 * @param options how it behaves
 */
export function createFakeRegistry(options: FakeRegistryOptions): FakeRegistry {
  const { clock, name = "nacos", others = 2, recordLagMs = 0 } = options;
  const addresses = options.addresses ?? { [`http://${name}:8848`]: 0 };
  const wanted = "10.0.0.7:8080 of orders";
  const history: { from: number; state: State }[] = [
    { from: -Infinity, state: options.state ?? "inService" },
  ];
  const calls: Call[] = [];
  const actions: { verb: Verb; action: (signal: AbortSignal) => void | Promise<void> }[] = [];
  let dropped = 0;
  let beats = 0;

  const stateAt = (moment: number): State =>
    history.findLast((one) => one.from <= moment)?.state ?? "absent";
  const before: FakeRegistry["before"] = (verb, action) => void actions.push({ verb, action });

  async function answer(verb: Verb, signal: AbortSignal): Promise<void> {
    calls.push({ verb, at: clock.now() });
    await (options.answerMs ? clock.sleep(options.answerMs, signal) : Promise.resolve());
    if (signal.aborted) throw new UnreachableError(`${verb}: no answer in time`);
    const index = actions.findIndex((one) => one.verb === verb);
    if (index >= 0) await actions.splice(index, 1)[0]?.action(signal);
  }

  function write(state: State): void {
    if (stateAt(clock.now()) === "absent") throw new NotFoundError(`no ${wanted}`);
    if (dropped > 0) dropped--;
    else history.push({ from: clock.now() + recordLagMs, state });
  }

  return {
    name,
    identity: `orders ${name}`,
    wanted,
    callerCacheSeconds: options.callerCacheSeconds ?? 40,
    listLagSeconds: options.listLagSeconds ?? 10,
    confirmPauseMs: (elapsedMs) => elapsedMs < 1_000 ? 100 : 1_000,

    async locate(signal) {
      await answer("locate", signal);
      const state = stateAt(clock.now());
      if (state === "absent") return undefined;
      const sighting: Sighting = {
        label: wanted,
        state,
        details: { weight: 1 },
        ...(options.signsOfLife ? { signsOfLife: new Map([["it", beats]]) } : {}),
      };
      return sighting;
    },
    async takeOut(_sighting, signal) {
      await answer("takeOut", signal);
      write("outOfService");
    },
    async putBack(_sighting, signal) {
      await answer("putBack", signal);
      write("inService");
    },
    async callersViews(signal) {
      await answer("callersViews", signal);
      const answers = Object.entries(addresses).map(([address, lag]) => {
        return { address, listed: stateAt(clock.now() - lag) === "inService", others };
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
      return Object.keys(addresses).map((address) => ({ address, findings }));
    },
    names: () => ({ ip: "10.0.0.7", port: "8080", service: "orders", instance: `${name} id` }),
    describe: () => ({ address: Object.keys(addresses)[0], version: `Fake ${name}` }),

    calls,
    times: (verb) => calls.filter((call) => call.verb === verb).map((call) => call.at),
    state: () => stateAt(clock.now()),
    listed: () =>
      Object.values(addresses).every((lag) => stateAt(clock.now() - lag) === "inService"),
    become(state) {
      if (stateAt(clock.now()) === "absent") beats++;
      history.push({ from: clock.now(), state });
    },
    beat: () => void beats++,
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
