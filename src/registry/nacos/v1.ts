/**
 * The v1 HTTP API: Nacos 1.x and 2.x. Measured on 2.2.4; 1.4.8 and 2.5.1 after the facts recorded
 * for the project.
 *
 * @module
 */

import * as z from "zod/mini";
import {
  type Dialect,
  isAt,
  MOST_SERVICES,
  type NacosInstance,
  readInstances,
  serviceOf,
  unexpected,
  updateOf,
} from "./dialect.ts";
import type { Send } from "./session.ts";
import { NotFoundError } from "../../errors.ts";
import { type Read, shape } from "../../shape.ts";
import { type HttpAnswer, json } from "../../http/endpoint.ts";

const catalogAnswer = shape(() => z.object({ list: z.unknown() }));
const listAnswer = shape(() => z.object({ hosts: z.unknown() }));
const namespacesAnswer = shape(() =>
  z.object({ data: z.array(z.object({ namespace: z.string() })) })
);
const servicesAnswer = shape(() =>
  z.object({
    serviceList: z.array(z.object({ name: z.string(), groupName: z.string() })),
  })
);
const serviceAnswer = shape(() => z.object({ clusters: z.array(z.object({ name: z.string() })) }));

/** The catalog has no largest page (2.2.4), so one page is all of it. */
const ALL = { pageNo: "1", pageSize: "100000" };

/**
 * Whether an answer says that there is no such instance, service or cluster. The status differs
 * (1.4.8: 400, 2.2.4: 404), and a wrong context path is a 404 too, so the text decides.
 */
function isAbsent(answer: HttpAnswer): boolean {
  return answer.status >= 400 &&
    /is not found!|no ips found|no matched ip found|(instance|service) not found/
      .test(answer.body);
}

/**
 * Sends a read.
 *
 * @returns undefined where the answer says that it does not exist
 */
async function get<Data>(
  send: Send,
  path: string,
  query: Record<string, string>,
  read: Read<Data>,
): Promise<Data | undefined> {
  const answer = await send({ method: "GET", path, query });
  if (isAbsent(answer)) return undefined;
  const data = read(json(answer.body));
  if (answer.status !== 200 || data === undefined) throw unexpected(answer);
  return data;
}

/** Nacos 1.x and 2.x. */
export const v1: Dialect = {
  async find(send, place) {
    const all = await v1.instances(send, place, place.clusterName);
    return all.find((one) => isAt(one, place));
  },

  async setEnabled(send, place, instance, enabled) {
    const answer = await send({
      method: "PATCH",
      path: "/v1/ns/instance",
      form: updateOf(place, instance, enabled),
    });
    if (isAbsent(answer)) throw new NotFoundError("not found");
    if (answer.status !== 200 || answer.body.trim() !== "ok") throw unexpected(answer);
  },

  async list(send, place) {
    const read: Read<NacosInstance[]> = (body) => readInstances(listAnswer(body)?.hosts);
    return await get(send, "/v1/ns/instance/list", serviceOf(place), read) ?? [];
  },

  async namespaces(send) {
    const answer = await send({ method: "GET", path: "/v1/console/namespaces" });
    return namespacesAnswer(json(answer.body))?.data.map((one) => one.namespace) ?? [];
  },

  async services(send, namespaceId) {
    const query = {
      namespaceId,
      withInstances: "false",
      pageNo: "1",
      pageSize: String(MOST_SERVICES),
    };
    const found = await get(
      send,
      "/v1/ns/catalog/services",
      query,
      (body) => servicesAnswer(body)?.serviceList,
    );
    return (found ?? [])
      .map(({ name, groupName }) => ({ namespaceId, groupName, serviceName: name }));
  },

  async clusters(send, service) {
    const found = await get(
      send,
      "/v1/ns/service",
      serviceOf(service),
      (body) => serviceAnswer(body)?.clusters,
    );
    return (found ?? []).map((cluster) => cluster.name);
  },

  async instances(send, service, clusterName) {
    // The single GET has no `enabled`, and the list hides disabled instances; the catalog has both.
    const query = { ...serviceOf(service), clusterName, ...ALL };
    const read: Read<NacosInstance[]> = (body) => readInstances(catalogAnswer(body)?.list);
    return await get(send, "/v1/ns/catalog/instances", query, read) ?? [];
  },
};
