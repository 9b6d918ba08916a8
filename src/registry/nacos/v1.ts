/**
 * The v1 HTTP API: Nacos 1.x and 2.x. Measured on 2.2.4; 1.4.8 and 2.5.1 after the facts recorded
 * for the project.
 */

import * as z from "zod/mini";
import { type Dialect, type Send, unexpected } from "./dialect.ts";
import { findAt, type NacosInstance, readInstance } from "./instance.ts";
import { type Place, placeOf, serviceOf } from "./place.ts";
import { shape } from "../../shape.ts";
import { type HttpAnswer, json } from "../../http/endpoint.ts";

const INSTANCE = "/v1/ns/instance";
const SERVICES = "/v1/ns/catalog/services";

const serviceAnswer = shape(() => z.object({ clusters: z.array(z.object({ name: z.string() })) }));

/**
 * How a server begins to say that there is no such instance, service or cluster: 1.4.8, 2.2.4, 3.1.0
 * without the word `caused`; without the blank r-nacos 0.8.8.
 */
const ABSENT = new RegExp(
  "^(caused: )?(" + [
    "(serivce|service|cluster) .+ is not found!",
    "no ips found for cluster ",
    "no matched ip found!",
    "no service .+@@.+ found!",
    "instance not found",
    "service not found, ?namespace(_id)?:",
  ].join("|") + ")",
  // A name may have a line break in it.
  "s",
);

/**
 * The status differs (1.4.8: 400, 2.2.4: 404, r-nacos: 500), and a 404 of a gateway, or of a wrong
 * context path, says nothing about an instance, so the text decides.
 */
function isAbsent(answer: HttpAnswer): boolean {
  return answer.status >= 400 && ABSENT.test(answer.body);
}

/**
 * The record of one instance. r-nacos (0.8.8) hides from its catalog what is out of service, and
 * shows it here, with `enabled`; so only what neither knows is not there. Nacos has no `enabled` here.
 */
async function recordOf(send: Send, place: Place): Promise<NacosInstance | undefined> {
  const answer = await send({ method: "GET", path: INSTANCE, query: placeOf(place) });
  // The whole of what r-nacos says of one that it does not know.
  if (isAbsent(answer) || (answer.status === 500 && answer.body === "error")) return undefined;
  const found = readInstance(v1.dataOf(answer));
  // On Nacos it has registered between the two looks; the next one will see it in the catalog.
  if (found === undefined) throw unexpected(answer);
  return { ...found, isMarkless: true };
}

/** Nacos 1.x and 2.x. */
export const v1: Dialect = {
  isAbsent,
  dataOf: ({ status, body }) => status === 200 ? json(body) : undefined,
  isDone: ({ status, body }) => status === 200 && body.trim() === "ok",
  lacksAddress: ({ body }) =>
    /^(caused: )?Param 'ip' is required|^the instance ip is None/.test(body),
  instance: { path: INSTANCE },
  update: { method: "PATCH", path: INSTANCE },
  enabled: { path: "/v1/ns/instance/list", field: "hosts" },
  enabledBy: serviceOf,
  // It has no largest page (2.2.4), so one page is all of it.
  instances: {
    path: "/v1/ns/catalog/instances",
    query: { pageNo: "1", pageSize: "100000" },
    field: "list",
  },
  namespaces: { path: "/v1/console/namespaces", field: "data" },
  services: { path: SERVICES, query: { withInstances: "false" }, field: "serviceList" },
  catalog: { path: SERVICES },
  service: { path: "/v1/ns/service" },
  readClusters: (service) => serviceAnswer(service)?.clusters.map(({ name }) => name),
  // Of 2.2 and later; 1.x and r-nacos have none.
  clients: { path: "/v2/ns/client", field: "data" },

  async find(send, place, all) {
    const known = await all();
    // r-nacos knows every service and every cluster.
    if (known === undefined) return undefined;
    const found = findAt(known, place) ?? await recordOf(send, place);
    // r-nacos (0.8.8) shows it in whatever cluster is asked for, and a write moves it there.
    return found?.clusterName === place.clusterName ? found : undefined;
  },
};
