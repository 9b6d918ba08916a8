/**
 * The v1 HTTP API: Nacos 1.x and 2.x. Measured on 2.2.4; 1.4.8 and 2.5.1 after the facts recorded
 * for the project.
 *
 * @module
 */

import * as z from "zod/mini";
import {
  CATALOG_PAGE,
  type Dialect,
  MAX_CLIENTS,
  PAGE,
  readNamespaces,
  readServices,
  unexpected,
} from "./dialect.ts";
import type { Send } from "./generation.ts";
import {
  type Addresses,
  createList,
  findAt,
  type NacosInstance,
  type NacosService,
  type Place,
  readInstance,
} from "./instance.ts";
import { isNoCall } from "./answers.ts";
import { clientCalls, createCatalogReader } from "./published.ts";
import { clusterOf, persistentOf, placeOf, serviceOf, updateOf } from "./parameters.ts";
import { NotFoundError } from "../../errors.ts";
import { type Read, shape } from "../../shape.ts";
import { type HttpAnswer, type HttpRequest, json } from "../../http/endpoint.ts";

const catalogAnswer = shape(() => z.object({ list: z.unknown() }));
const listAnswer = shape(() => z.object({ hosts: z.unknown() }));
const namespacesAnswer = shape(() => z.object({ data: z.unknown() }));
const servicesAnswer = shape(() => z.object({ serviceList: z.unknown() }));
const clientAnswer = shape(() => z.object({ data: z.unknown() }));
const serviceAnswer = shape(() => z.object({ clusters: z.array(z.object({ name: z.string() })) }));

const INSTANCE = "/v1/ns/instance";

/** The catalog has no largest page (2.2.4), so one page is all of it. */
const ALL = { pageNo: "1", pageSize: "100000" };

/**
 * How a server begins to say that there is no such instance, service or cluster: 1.4.8, 2.2.4, 3.1.0
 * without the word `caused`; the last line r-nacos 0.8.8.
 */
const ABSENT = new RegExp(
  "^(caused: )?(" + [
    "(serivce|service|cluster) .+ is not found!",
    "no ips found for cluster ",
    "no matched ip found!",
    "no service .+@@.+ found!",
    "instance not found",
    "service not found, namespace: ",
    "service not found,namespace_id:",
  ].join("|") + ")",
);

/**
 * The status differs (1.4.8: 400, 2.2.4: 404, r-nacos: 500), and a 404 of a gateway, or of a wrong
 * context path, says nothing about an instance, so the text decides.
 */
function isAbsent(answer: HttpAnswer): boolean {
  return answer.status >= 400 && ABSENT.test(answer.body);
}

/** Sends a read; undefined where the answer says that it does not exist. */
async function get<Data>(
  send: Send,
  path: string,
  query: Record<string, string>,
  read: Read<Data>,
  more: Pick<HttpRequest, "takeItem" | "maxBytes"> = {},
): Promise<Data | undefined> {
  const answer = await send({ method: "GET", path, query, ...more });
  if (isAbsent(answer)) return undefined;
  const data = read(json(answer.body));
  if (answer.status !== 200 || data === undefined) throw unexpected(answer);
  return data;
}

/** The list hides disabled instances, the catalog has them, with `enabled`. */
async function catalog(
  send: Send,
  service: NacosService,
  clusterName: string,
  at: Addresses,
): Promise<NacosInstance[] | undefined> {
  const query = { ...serviceOf(service), clusterName, ...ALL };
  const list = createList(at);
  const read: Read<NacosInstance[]> = (body) => list.itemsOf(catalogAnswer(body)?.list);
  return await get(send, "/v1/ns/catalog/instances", query, read, list);
}

/**
 * The record of one instance. r-nacos (0.8.8) hides from its catalog what is out of service, and
 * shows it here, with `enabled`; so only what neither knows is not there. Nacos has no `enabled` here.
 */
async function recordOf(send: Send, place: Place): Promise<NacosInstance | undefined> {
  const answer = await send({ method: "GET", path: INSTANCE, query: placeOf(place) });
  // The whole of what r-nacos says of one that it does not know.
  if (isAbsent(answer) || (answer.status === 500 && answer.body === "error")) return undefined;
  const found = readInstance(json(answer.body));
  // On Nacos it has registered between the two looks; the next one will see it in the catalog.
  if (answer.status !== 200 || found === undefined) throw unexpected(answer);
  return { ...found, isMarkless: true };
}

/** A call of 2.2 and later; undefined where this server has none: 1.x, r-nacos (404). */
async function ofClients<Data>(
  send: Send,
  path: string,
  query: Record<string, string>,
  read: Read<Data>,
): Promise<Data | undefined> {
  const answer = await send({
    method: "GET",
    path: `/v2/ns/client${path}`,
    query,
    maxBytes: MAX_CLIENTS,
  });
  if (isNoCall(answer)) return undefined;
  const data = read(clientAnswer(json(answer.body))?.data);
  if (answer.status !== 200 || data === undefined) throw unexpected(answer);
  return data;
}

/** Nacos 1.x and 2.x. */
export const v1: Dialect = {
  async find(send, place) {
    const all = await catalog(send, place, place.clusterName, place);
    // r-nacos knows every service and every cluster.
    if (all === undefined) return undefined;
    return findAt(all, place) ?? await recordOf(send, place);
  },

  async setEnabled(send, place, instance, enabled) {
    const form = updateOf(place, instance, enabled);
    const answer = await send({ method: "PATCH", path: INSTANCE, form });
    if (isAbsent(answer)) throw new NotFoundError("not found");
    if (answer.status !== 200 || answer.body.trim() !== "ok") throw unexpected(answer);
  },

  async remove(send, place, instance) {
    const query = persistentOf(place, instance);
    const answer = await send({ method: "DELETE", path: INSTANCE, query });
    if (answer.status !== 200 || answer.body.trim() !== "ok") throw unexpected(answer);
  },

  async tryWrite(send, place) {
    const form = clusterOf(place);
    const answer = await send({ method: "PATCH", path: INSTANCE, form });
    if (/^(caused: )?Param 'ip' is required|^the instance ip is None/.test(answer.body)) {
      throw new NotFoundError("no address");
    }
    if (answer.status !== 200) throw unexpected(answer);
  },

  async list(send, place) {
    const list = createList(place);
    const read: Read<NacosInstance[]> = (body) => list.itemsOf(listAnswer(body)?.hosts);
    return await get(send, "/v1/ns/instance/list", serviceOf(place), read, list) ?? [];
  },

  async namespaces(send) {
    const answer = await send({ method: "GET", path: "/v1/console/namespaces" });
    return readNamespaces(namespacesAnswer(json(answer.body))?.data) ?? [];
  },

  async services(send, namespaceId) {
    const { query: page, maxBytes } = PAGE;
    const query = { namespaceId, withInstances: "false", ...page };
    const readAll = readServices(namespaceId);
    const read: typeof readAll = (body) => readAll(servicesAnswer(body)?.serviceList);
    return await get(send, "/v1/ns/catalog/services", query, read, { maxBytes }) ?? [];
  },

  ...clientCalls(ofClients),

  async catalog(send, place, pageNo) {
    const { takeItem, read } = createCatalogReader(place, place.namespaceId);
    const page = { pageNo: String(pageNo), pageSize: String(CATALOG_PAGE) };
    const query = { ...serviceOf(place), withInstances: "true", ...page };
    const path = "/v1/ns/catalog/services";
    const answer = await send({ method: "GET", path, query, takeItem });
    const body = json(answer.body);
    // A page that was cut, or a login page, is not r-nacos' list without instances.
    if (answer.status !== 200 || body === undefined) throw unexpected(answer);
    return read(body);
  },

  async clusters(send, service) {
    const query = serviceOf(service);
    const found = await get(send, "/v1/ns/service", query, serviceAnswer);
    return (found?.clusters ?? []).map(({ name }) => name);
  },

  async instances(send, service, clusterName, at) {
    return await catalog(send, service, clusterName, at) ?? [];
  },
};
