/** Which client has published what: `/v2/ns/client` of 2.2.4, `/v3/admin/ns/client` of 3.1.0. */

import type { NacosGeneration } from "../support/nacos_under_test.ts";
import { failure, result, text } from "./nacos_answers.ts";
import { ParamReader } from "./nacos_params.ts";
import type { NacosCall } from "./nacos_call.ts";
import type { NacosRegistry, ServiceKey, Shown } from "./nacos_registry.ts";

/** A gRPC connection as the server names it: when it began, from where. */
const CONNECTED_AT = 1_795_702_453_902;

interface Entry {
  readonly key: ServiceKey;
  readonly shown: Shown;
  readonly clientId: string;
}

/** Answers a request about clients. @returns undefined where there is no such call */
export function answerClients(
  call: NacosCall,
  registry: NacosRegistry,
  generation: NacosGeneration,
): Response | undefined {
  const prefix = generation === "2.x"
    ? "/v2/ns/client"
    : generation.startsWith("3")
    ? "/v3/admin/ns/client"
    : undefined;
  if (prefix === undefined || call.method !== "GET" || !call.path.startsWith(prefix)) {
    return undefined;
  }
  const isV3 = generation.startsWith("3");
  const params = new ParamReader(call, generation, "v3");
  const all = entries(registry);
  switch (call.path.slice(prefix.length)) {
    case "/list":
      return result([...new Set(all.map(({ clientId }) => clientId))]);
    case "/service/publisher/list":
      return result(publishersOf(all, params, isV3));
    case "/publish/list": {
      const clientId = params.text("clientId");
      const own = all.filter((one) => one.clientId === clientId);
      if (own.length > 0) return result(own.map((one) => publishedBy(one, isV3)));
      const message = `clientId [ ${clientId} ] not exist`;
      return isV3
        ? failure(404, 20004, "resource not found", message)
        : text(`caused: ${message};`, 404);
    }
    default:
      return undefined;
  }
}

function entries(registry: NacosRegistry): Entry[] {
  return registry.services().flatMap((key) =>
    (registry.shown(key) ?? []).flatMap((shown) =>
      clientsOf(shown).map((clientId) => ({ key, shown, clientId }))
    )
  );
}

function clientsOf({ clients, grpc, ip, port, ephemeral }: Shown): readonly string[] {
  return clients ?? [grpc ? `${CONNECTED_AT}_${ip}_52854` : `${ip}:${port}#${ephemeral}`];
}

function publishersOf(all: readonly Entry[], params: ParamReader, isV3: boolean): unknown[] {
  const key = params.service();
  const [ip, port] = [params.text("ip"), params.text("port")];
  // 2.2.4 finds nothing without both, and no part of a batch; 3.1.0 takes each as a filter.
  if (!isV3 && (ip === "" || port === "")) return [];
  return all.filter(({ key: { namespaceId, groupName, serviceName }, shown }) =>
    namespaceId === key.namespaceId && groupName === key.groupName &&
    serviceName === key.serviceName && (ip === "" || shown.ip === ip) &&
    (port === "" || shown.port === Number(port)) && (isV3 || !shown.batch)
  ).map(({ clientId, shown: { ip, port, clusterName } }) => {
    return { clientId, ip, port, ...isV3 ? { clusterName } : {} };
  });
}

function publishedBy({ key, shown }: Entry, isV3: boolean): unknown {
  const { namespaceId, groupName, serviceName } = key;
  const { ip, port, clusterName } = shown;
  if (isV3) {
    const publisherInfo = { clientId: null, ip, port, clusterName };
    return { namespaceId, groupName, serviceName, publisherInfo, subscriberInfo: null };
  }
  const registeredInstance = shown.batch
    ? { ip: null, port: 0, cluster: null }
    : { ip, port, cluster: clusterName };
  return { namespace: namespaceId, group: groupName, serviceName, registeredInstance };
}

/** The list of all services with their instances, as 1.x and 2.x give it. */
export function catalogOf(
  registry: NacosRegistry,
  page: readonly ServiceKey[],
  view: (key: ServiceKey, shown: Shown) => unknown,
): unknown[] {
  return page.map((key) => {
    const clusterMap: Record<string, { clusterName: null; hosts: unknown[] }> = {};
    for (const shown of registry.shown(key) ?? []) {
      (clusterMap[shown.clusterName] ??= { clusterName: null, hosts: [] }).hosts.push(
        view(key, shown),
      );
    }
    const { serviceName, groupName } = key;
    return { namespaceId: null, serviceName, groupName, clusterMap, metadata: {}, ephemeral: null };
  });
}
