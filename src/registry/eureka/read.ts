/**
 * Reads the answers of a Eureka; undefined is what is something else. Shapes as Spring Cloud Netflix
 * Eureka 4.3.1 (Netflix eureka 2.0.5) gives them where JSON is asked for.
 */

import * as z from "zod/mini";
import { type EurekaApp, type EurekaInstance, UNKNOWN } from "./instance.ts";
import { shape } from "../../shape.ts";
import { createLongList, type LongList, type Part } from "../long_list.ts";

/** Loose: what is only shown may be there or not. */
const instanceFields = shape(() =>
  z.looseObject({ hostName: z.string(), ipAddr: z.string(), status: z.string() })
);
const appsFields = shape(() =>
  z.array(z.object({ name: z.string(), instance: z.array(z.unknown()) }))
);

/** `GET /apps/{APP}/{id}` */
export function readInstance(body: unknown): EurekaInstance | undefined {
  return toInstance(Object(body).instance);
}

export type EurekaList = LongList<EurekaInstance>;

/**
 * Makes a reader of one list; in a long one the others are counted by app and status.
 *
 * @param mayBeMeant which instances have to be told from the others
 */
export function createList(mayBeMeant: (part: Part) => boolean): EurekaList {
  return createLongList(toInstance, mayBeMeant, ({ status, app }) => `${status} ${app}`);
}

/** `GET /apps/{APP}` */
export function readInstances(body: unknown, list: EurekaList): EurekaInstance[] | undefined {
  return list.itemsOf(Object(Object(body).application).instance);
}

/** `GET /apps` */
export function readApps(body: unknown, list: EurekaList): EurekaApp[] | undefined {
  const apps = appsFields(Object(Object(body).applications).application);
  return apps?.map(({ name, instance }) => ({ name, instances: list.itemsOf(instance) ?? [] }));
}

function toInstance(part: unknown): EurekaInstance | undefined {
  const data = instanceFields(part);
  if (data === undefined) return undefined;
  const { instanceId, hostName, ipAddr, status, port, securePort, metadata } = data;
  return {
    // eureka-js-client registers without an id: then the host name is one.
    id: typeof instanceId === "string" ? instanceId : hostName,
    ipAddr,
    ports: [port, securePort].flatMap(toPort),
    status,
    override: String(data["overriddenStatus"] ?? data["overriddenstatus"] ?? UNKNOWN),
    renewedAt: Object(data["leaseInfo"]).lastRenewalTimestamp || undefined,
    dirtyAt: Number(data["lastDirtyTimestamp"]) || 0,
    metadata,
  };
}

function toPort(part: unknown): number[] {
  const { $: port, "@enabled": isOn } = Object(part);
  return port === undefined || String(isOn) === "false" ? [] : [Number(port)];
}
