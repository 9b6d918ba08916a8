/** The v3 HTTP API: Nacos 3.x. Measured on 3.1.0; 3.2 as announced. */

import * as z from "zod/mini";
import { type Dialect, open } from "./dialect.ts";
import { findAt, readInstance } from "./instance.ts";
import { clusterOf, placeOf } from "./place.ts";
import { shape } from "../../shape.ts";
import { type HttpAnswer, json } from "../../http/endpoint.ts";

const INSTANCE = "/v3/admin/ns/instance";
const SERVICES = "/v3/admin/ns/service/list";

const envelope = shape(() => z.looseObject({ code: z.number() }));
const serviceDetail = shape(() => z.object({ clusterMap: z.unknown() }));

function codeOf({ body }: HttpAnswer): number | undefined {
  return envelope(json(body))?.code;
}

/** 20004 resource not found, 21003 instance not found, 21008 service not exist. */
const ABSENT_CODES = [20004, 21003, 21008];

/** Nacos 3.x. */
export const v3: Dialect = {
  isAbsent(answer) {
    const code = codeOf(answer);
    // An unknown cluster or service is 30000, "server error", in the list calls: its text decides.
    return code !== undefined &&
      (ABSENT_CODES.includes(code) || (code === 30000 && /is not found!/.test(answer.body)));
  },
  dataOf({ body }) {
    const outer = envelope(json(body));
    return outer?.code === 0 ? outer["data"] : undefined;
  },
  // A 200 with an empty body has changed nothing (3.1.0, wrong metadata).
  isDone: (answer) => codeOf(answer) === 0,
  // 10000 parameter missing.
  lacksAddress: (answer) => codeOf(answer) === 10000 && /'ip'/.test(answer.body),
  instance: { path: INSTANCE },
  update: { method: "PUT", path: `${INSTANCE}/partial` },
  enabled: { path: "/v3/client/ns/instance/list" },
  // Without clusterName this call means the cluster DEFAULT, not all of them (3.1.0).
  enabledBy: clusterOf,
  instances: { path: `${INSTANCE}/list` },
  // For global administrators only.
  namespaces: { path: "/v3/admin/core/namespace/list" },
  services: { path: SERVICES, field: "pageItems" },
  catalog: { path: SERVICES, field: "pageItems" },
  service: { path: "/v3/admin/ns/service" },
  readClusters(service) {
    const detail = serviceDetail(service);
    return detail && Object.keys(Object(detail.clusterMap));
  },
  clients: { path: "/v3/admin/ns/client" },

  async find(send, place, all) {
    const answer = await send({ method: "GET", path: INSTANCE, query: placeOf(place) });
    const found = open(v3, answer, undefined, readInstance);
    if (found || !place.ip.includes(":") && !place.also?.length) return found;
    // The server compares addresses as text, and an IPv6 address has many spellings.
    return findAt(await all() ?? [], place);
  },
};
