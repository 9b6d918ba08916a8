import type { Api } from "./api.ts";
import type { Place } from "./place.ts";
import type { Session } from "./session.ts";
import { createSessions, type NacosValues } from "./sessions.ts";
import type { Clock } from "../../clock.ts";
import type { Pool } from "../pool.ts";
import type { RegistryDeps } from "../registry.ts";
import { type Whereabouts, whereaboutsOf } from "../whereabouts.ts";

/** What the registry is made of, and what it has learnt. */
export interface Parts extends Whereabouts {
  /** What is looked for, but for its address. */
  readonly target: Omit<Place, "ip" | "also">;
  readonly pool: Pool<Session>;
  readonly clock: Clock;
  /** Whether the settings ask for a removal at the end. */
  readonly removes: boolean;
  /** The weight that `online` is to write, where one is set. */
  readonly weight: number | undefined;
  /** The address as the app has spelled it: r-nacos knows no other spelling of an IPv6 one. */
  spelledIp: string | undefined;
  /** Whether the named one stands for several pods; undefined before that was asked. */
  shared: { readonly why: string | undefined } | undefined;
  /** Once the instance was seen, one node that does not know it is no proof that it has gone. */
  isSeen: boolean;
}

/** What is asked of one server. */
export type Question<Answer> = (api: Api, place: Place) => Promise<Answer>;

export function createParts(values: NacosValues, deps: RegistryDeps): Parts {
  const { namespaceId, clusterName, port, serviceName } = values;
  // The v1 API takes `group@@service` for a name, and there the group in the name wins.
  const [groupName, name] = serviceName.includes("@@")
    ? serviceName.split("@@", 2) as [string, string]
    : [values.groupName, serviceName];
  return {
    ...whereaboutsOf(values, deps),
    clock: deps.clock,
    removes: values.removeAfterDrain,
    weight: values.nacosWeight,
    target: { namespaceId, groupName, serviceName: name, clusterName, port },
    pool: createSessions(values, deps),
    spelledIp: undefined,
    shared: undefined,
    isSeen: false,
  };
}

export function placeSeenFrom(session: Session, parts: Parts): Place {
  const { target, spelledIp, also } = parts;
  // Once it was seen, it is that one.
  if (spelledIp !== undefined) return { ...target, ip: spelledIp };
  return { ...target, ip: parts.ipSeenFrom(session), also };
}

/** The named one's place, with every address of the pod. */
export function placeOfPod(session: Session, parts: Parts): Place {
  const { target, spelledIp, also } = parts;
  const first = parts.ipSeenFrom(session);
  return { ...target, ip: spelledIp ?? first, also: [first, ...also] };
}

/** Asks one server. */
export function askOne<Answer>(
  session: Session,
  parts: Parts,
  question: Question<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  return session.ask((api) => question(api, placeSeenFrom(session, parts)), signal);
}

/** Asks the servers in turn. */
export function ask<Answer>(
  parts: Parts,
  question: Question<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  return parts.pool.ask(
    (session, s) => askOne(session, parts, question, s),
    signal,
    { absence: !parts.isSeen },
  );
}
