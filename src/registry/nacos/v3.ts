/**
 * The v3 HTTP API: Nacos 3.x. Measured on 3.1.0; 3.2 as announced.
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
  readInstance,
} from "./instance.ts";
import { isNoCall } from "./answers.ts";
import { clientCalls, createCatalogReader } from "./published.ts";
import { clusterOf, persistentOf, placeOf, serviceOf, updateOf } from "./parameters.ts";
import { NotFoundError } from "../../errors.ts";
import { type Read, shape } from "../../shape.ts";
import { type HttpAnswer, type HttpRequest, json } from "../../http/endpoint.ts";

const envelope = shape(() => z.looseObject({ code: z.number() }));
const servicesPage = shape(() => z.object({ pageItems: z.unknown() }));
const serviceDetail = shape(() => z.object({ clusterMap: z.unknown() }));

/** 20004 resource not found, 21003 instance not found, 21008 service not exist. */
const ABSENT_CODES = [20004, 21003, 21008];

/**
 * Whether an answer says that there is no such instance, service or cluster. An unknown cluster or
 * service is code 30000, "server error", in the list calls, so its text decides.
 */
function isAbsent(code: number | undefined, answer: HttpAnswer): boolean {
  return code !== undefined &&
    (ABSENT_CODES.includes(code) || (code === 30000 && /is not found!/.test(answer.body)));
}

/** Sends a request and opens the envelope; undefined where that says that it does not exist. */
async function call<Data>(
  send: Send,
  request: HttpRequest,
  read: Read<Data>,
): Promise<Data | undefined> {
  return open(await send(request), read);
}

function open<Data>(answer: HttpAnswer, read: Read<Data>): Data | undefined {
  const outer = envelope(json(answer.body));
  const code = outer?.code;
  if (isAbsent(code, answer)) return undefined;
  // A 200 with an empty body has changed nothing (3.1.0, wrong metadata): only code 0 counts.
  const data = read(outer?.["data"]);
  if (code !== 0 || data === undefined) throw unexpected(answer);
  return data;
}

async function instancesOf(
  send: Send,
  path: string,
  query: Record<string, string>,
  at: Addresses,
): Promise<NacosInstance[]> {
  const { takeItem, itemsOf } = createList(at);
  return await call(send, { method: "GET", path, query, takeItem }, itemsOf) ?? [];
}

/** Undefined where a client has gone, or a service is not known. */
async function ofClients<Data>(
  send: Send,
  path: string,
  query: Record<string, string>,
  read: Read<Data>,
): Promise<Data | undefined> {
  const request: HttpRequest = {
    method: "GET",
    path: `/v3/admin/ns/client${path}`,
    query,
    maxBytes: MAX_CLIENTS,
  };
  const answer = await send(request);
  return isNoCall(answer) ? undefined : open(answer, read);
}

/** Nacos 3.x. */
export const v3: Dialect = {
  async find(send, place) {
    const path = "/v3/admin/ns/instance";
    const request: HttpRequest = { method: "GET", path, query: placeOf(place) };
    const found = await call(send, request, readInstance);
    if (found || !place.ip.includes(":") && !place.also?.length) return found;
    // The server compares addresses as text, and an IPv6 address has many spellings.
    const all = await v3.instances(send, place, place.clusterName, place);
    return findAt(all, place);
  },

  async setEnabled(send, place, instance, enabled) {
    const form = updateOf(place, instance, enabled);
    const request: HttpRequest = { method: "PUT", path: "/v3/admin/ns/instance/partial", form };
    if (!await call(send, request, () => true)) throw new NotFoundError("not found");
  },

  async remove(send, place, instance) {
    const query = persistentOf(place, instance);
    const request: HttpRequest = { method: "DELETE", path: "/v3/admin/ns/instance", query };
    await call(send, request, () => true);
  },

  async tryWrite(send, place) {
    const form = clusterOf(place);
    const answer = await send({ method: "PUT", path: "/v3/admin/ns/instance/partial", form });
    const code = envelope(json(answer.body))?.code;
    // 10000 parameter missing.
    if (code === 10000 && /'ip'/.test(answer.body)) throw new NotFoundError("no address");
    if (code !== 0) throw unexpected(answer);
  },

  async list(send, place) {
    // Without clusterName this call means the cluster DEFAULT, not all of them (3.1.0).
    const query = clusterOf(place);
    return await instancesOf(send, "/v3/client/ns/instance/list", query, place);
  },

  async namespaces(send) {
    // For global administrators only.
    const request: HttpRequest = { method: "GET", path: "/v3/admin/core/namespace/list" };
    return await call(send, request, readNamespaces) ?? [];
  },

  async services(send, namespaceId) {
    const request: HttpRequest = {
      method: "GET",
      path: "/v3/admin/ns/service/list",
      query: { namespaceId, ...PAGE.query },
      maxBytes: PAGE.maxBytes,
    };
    const read = readServices(namespaceId);
    return await call(send, request, (data) => read(servicesPage(data)?.pageItems)) ?? [];
  },

  ...clientCalls(ofClients),

  async catalog(send, place, pageNo) {
    const { takeItem, read } = createCatalogReader(place, place.namespaceId);
    const page = { pageNo: String(pageNo), pageSize: String(CATALOG_PAGE) };
    const query = { ...serviceOf(place), withInstances: "true", ...page };
    const request: HttpRequest = {
      method: "GET",
      path: "/v3/admin/ns/service/list",
      query,
      takeItem,
    };
    return await call(send, request, (data) => read(servicesPage(data)?.pageItems));
  },

  async clusters(send, service) {
    const query = serviceOf(service);
    const request: HttpRequest = { method: "GET", path: "/v3/admin/ns/service", query };
    const found = await call(send, request, serviceDetail);
    return Object.keys(Object(found?.clusterMap));
  },

  async instances(send, service, clusterName, at) {
    const query = { ...serviceOf(service), clusterName };
    return await instancesOf(send, "/v3/admin/ns/instance/list", query, at);
  },
};
