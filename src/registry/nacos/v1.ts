/**
 * The v1 HTTP API: Nacos 1.x and 2.x. Measured on 2.2.4; 1.4.8 and 2.5.1 after the facts recorded
 * for the project.
 *
 * @module
 */

import * as z from "zod/mini";
import {
  type Dialect,
  MOST_SERVICES,
  nacosAddress,
  nacosInstance,
  sameAddress,
  serviceOf,
  unexpected,
} from "./dialect.ts";
import { json, type Send } from "./session.ts";
import { NotFoundError } from "../../errors.ts";
import { describeAnswer, type HttpAnswer } from "../http.ts";

const catalogAnswer = z.object({ list: z.array(nacosInstance) });
const listAnswer = z.object({ hosts: z.array(nacosAddress) });
const namespacesAnswer = z.object({ data: z.array(z.object({ namespace: z.string() })) });
const servicesAnswer = z.object({
  serviceList: z.array(z.object({ name: z.string(), groupName: z.string() })),
});
const serviceAnswer = z.object({ clusters: z.array(z.object({ name: z.string() })) });

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

async function get<Answer>(
  send: Send,
  path: string,
  query: Record<string, string>,
  schema: z.ZodMiniType<Answer>,
): Promise<Answer | undefined> {
  const answer = await send({ method: "GET", path, query });
  if (isAbsent(answer)) return undefined;
  const parsed = z.safeParse(schema, json(answer.body));
  if (answer.status !== 200 || !parsed.success) throw unexpected(answer);
  return parsed.data;
}

/** Nacos 1.x and 2.x. */
export const v1: Dialect = {
  async find(send, place) {
    const all = await v1.instances(send, place, place.clusterName);
    return all.find((one) => one.port === place.port && sameAddress(one.ip, place.ip));
  },

  async setEnabled(send, place, instance, enabled) {
    const answer = await send({
      method: "PATCH",
      path: "/v1/ns/instance",
      form: {
        ...serviceOf(place),
        clusterName: place.clusterName,
        ip: instance.ip,
        port: String(instance.port),
        weight: String(instance.weight),
        enabled: String(enabled),
      },
    });
    if (isAbsent(answer)) throw new NotFoundError(describeAnswer(answer));
    if (answer.status !== 200 || answer.body.trim() !== "ok") throw unexpected(answer);
  },

  async list(send, place) {
    const found = await get(send, "/v1/ns/instance/list", serviceOf(place), listAnswer);
    return found?.hosts ?? [];
  },

  async namespaces(send) {
    const answer = await send({ method: "GET", path: "/v1/console/namespaces" });
    const parsed = z.safeParse(namespacesAnswer, json(answer.body));
    return parsed.success ? parsed.data.data.map((one) => one.namespace) : [];
  },

  async services(send, namespaceId) {
    const query = {
      namespaceId,
      withInstances: "false",
      pageNo: "1",
      pageSize: String(MOST_SERVICES),
    };
    const found = await get(send, "/v1/ns/catalog/services", query, servicesAnswer);
    return (found?.serviceList ?? [])
      .map(({ name, groupName }) => ({ namespaceId, groupName, serviceName: name }));
  },

  async clusters(send, service) {
    const found = await get(send, "/v1/ns/service", serviceOf(service), serviceAnswer);
    return (found?.clusters ?? []).map((cluster) => cluster.name);
  },

  async instances(send, service, clusterName) {
    // The single GET has no `enabled`, and the list hides disabled instances; the catalog has both.
    const query = { ...serviceOf(service), clusterName, ...ALL };
    return (await get(send, "/v1/ns/catalog/instances", query, catalogAnswer))?.list ?? [];
  },
};
