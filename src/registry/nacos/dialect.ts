import type { NacosInstance } from "./instance.ts";
import type { Place } from "./place.ts";
import { PATH_ADVICE } from "./settings.ts";
import { ServiceOfflineError, UnreachableError } from "../../errors.ts";
import { describeAnswer, type HttpAnswer, type HttpRequest } from "../../http/endpoint.ts";
import type { Read } from "../../shape.ts";

/** A generation of the HTTP API: `v1` for Nacos 1.x and 2.x, `v3` for 3.x. */
export type Generation = "v1" | "v3";

/** Sends a request with the token and hands back the answer; never one of 401 or 403. */
export type Send = (request: HttpRequest) => Promise<HttpAnswer>;

/** What can be read: where it is, and how the answer is asked for and opened. */
interface Source {
  readonly path: string;
  readonly query?: Query;
  /** The field of the data that has it. @default {the data is it} */
  readonly field?: string;
}

type Query = Readonly<Record<string, string>>;

/** In what the generations of the Nacos HTTP API differ. */
export interface Dialect {
  /** Whether an answer says that there is no such instance, service or cluster. */
  isAbsent(answer: HttpAnswer): boolean;
  /** What a good answer to a read holds; undefined for any other answer. */
  dataOf(answer: HttpAnswer): unknown;
  /** Whether an answer says that a write was done. */
  isDone(answer: HttpAnswer): boolean;
  /** Whether a write was refused since it names no address. */
  lacksAddress(answer: HttpAnswer): boolean;
  /** One instance. */
  readonly instance: Source;
  /** The partial update of an instance. */
  readonly update: Pick<HttpRequest, "method" | "path">;
  /** What callers get: the enabled instances of a service. */
  readonly enabled: Source;
  /** The parameters of that. */
  readonly enabledBy: (place: Place) => Query;
  /** The instances of one cluster, those out of service too. */
  readonly instances: Source;
  readonly namespaces: Source;
  /** The names of all services of a namespace. */
  readonly services: Source;
  /** The same with their instances. */
  readonly catalog: Source;
  readonly service: Source;
  /** The names of a service's clusters, in the answer about it. */
  readonly readClusters: Read<string[]>;
  /** Where the calls about clients begin. */
  readonly clients: Source;
  /**
   * The registry's own record of an instance, with `enabled`; undefined where there is none.
   *
   * @param all the instances of the place's cluster; undefined where there is no such service
   */
  find(
    send: Send,
    place: Place,
    all: () => Promise<NacosInstance[] | undefined>,
  ): Promise<NacosInstance | undefined>;
}

/** The line to one server. */
export type Line = ReturnType<typeof createLine>;

export function createLine(dialect: Dialect, send: Send) {
  return {
    dialect,
    send,
    /** Reads from a source; undefined where the answer says that it does not exist. */
    async get<Data>(
      { path, query: always, field }: Source,
      query: Query,
      read: Read<Data>,
      more?: Pick<HttpRequest, "takeItem" | "maxBytes">,
    ): Promise<Data | undefined> {
      const answer = await send({ method: "GET", path, query: { ...query, ...always }, ...more });
      return open(dialect, answer, field, read);
    },
  };
}

/** What an answer to a read holds; undefined where it says that it does not exist. */
export function open<Data>(
  dialect: Dialect,
  answer: HttpAnswer,
  field: string | undefined,
  read: Read<Data>,
): Data | undefined {
  const data = dialect.dataOf(answer);
  const found = read(field === undefined ? data : Object(data)[field]);
  if (found === undefined && !dialect.isAbsent(answer)) throw unexpected(answer);
  return found;
}

/** The error for an answer that fits no expectation. */
export function unexpected(answer: HttpAnswer): ServiceOfflineError {
  const what = describeAnswer(answer);
  if (answer.status === 400) {
    // 3.1.0 refuses spaces, Chinese characters and more than 512 characters in names so.
    return new ServiceOfflineError(
      "settings",
      `${what}; check serviceName, groupName, namespaceId and clusterName`,
    );
  }
  const advice = answer.status === 404 ? `; ${PATH_ADVICE}` : "";
  return new UnreachableError(`${what}; not what a Nacos server answers to this${advice}`);
}
