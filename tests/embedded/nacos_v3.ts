/** The v3 API of the stand-in, as 3.1.0 was measured. */

import type { NacosGeneration } from "../support/nacos_under_test.ts";
import { failure, Refusal, result } from "./nacos_answers.ts";
import { catalogOf } from "./nacos_clients.ts";
import type { NacosCall } from "./nacos_call.ts";
import { ParamReader } from "./nacos_params.ts";
import type { NacosRegistry, Place, ServiceKey, Shown } from "./nacos_registry.ts";
import { serviceNotFound } from "./nacos_v1.ts";
import { clustersOf, groupedName, instanceView, pageOf, serviceView } from "./nacos_views.ts";

/** Answers the naming requests of v3, those of clients and those of administrators. */
export class NacosV3 {
  readonly #registry: NacosRegistry;
  readonly #generation: NacosGeneration;

  constructor(registry: NacosRegistry, generation: NacosGeneration) {
    this.#registry = registry;
    this.#generation = generation;
  }

  /**
   * Answers a request.
   * @param guarded whether a token was asked for
   * @returns undefined where there is no such endpoint
   */
  answer(call: NacosCall, guarded: boolean): Response | undefined {
    const params = new ParamReader(call, this.#generation, guarded ? "v3 guarded" : "v3");
    switch (`${call.method} ${call.path}`) {
      case "POST /v3/client/ns/instance":
      case "POST /v3/admin/ns/instance":
        return this.#post(params);
      case "DELETE /v3/client/ns/instance":
      case "DELETE /v3/admin/ns/instance":
        this.#registry.deregister(
          params.service(),
          params.place(),
          params.flag("ephemeral") ?? true,
        );
        return result("ok");
      case "GET /v3/client/ns/instance/list":
        return this.#clientList(params);
      case "GET /v3/admin/ns/instance":
        return this.#get(params);
      case "PUT /v3/admin/ns/instance":
        return this.#put(params);
      case "PUT /v3/admin/ns/instance/partial":
        return this.#partial(params);
      case "GET /v3/admin/ns/instance/list":
        return this.#adminList(params);
      case "GET /v3/admin/ns/service":
        return this.#service(params);
      case "GET /v3/admin/ns/service/list":
        return this.#serviceList(params);
      default:
        return undefined;
    }
  }

  /** Registers; with heartBeat=true keeps alive. */
  #post(params: ParamReader): Response {
    const key = params.service();
    const instance = params.registered();
    if (params.flag("heartBeat") === true) {
      if (this.#registry.beat(key, instance)) return result("ok");
      // With HTTP 200: the client is told to register again.
      return failure(200, 21003, "instance not found", null);
    }
    this.#registry.register(key, instance);
    return result("ok");
  }

  /** What callers fetch. Without clusterName it is the cluster DEFAULT, not all of them. */
  #clientList(params: ParamReader): Response {
    const key = params.service();
    const clusters = (params.text("clusterName") || "DEFAULT").split(",");
    // healthyOnly is ignored here (3.1.0).
    const hosts = (this.#registry.shown(key) ?? [])
      .filter(({ enabled, clusterName }) => enabled && clusters.includes(clusterName));
    return result(hosts.map((one) => instanceView(this.#generation, key, one)));
  }

  #get(params: ParamReader): Response {
    const key = params.service();
    return result(instanceView(this.#generation, key, this.#known(key, params.place())));
  }

  /** The full update: as on 2.x, unknown places are taken and remembered. */
  #put(params: ParamReader): Response {
    const key = params.service();
    const { enabled, weight, metadata, ...place } = params.registered();
    if (!this.#registry.knows(key)) {
      throw new Refusal(failure(400, 21004, "instance error", serviceNotFound(key)));
    }
    this.#registry.write(key, place, { enabled, weight, metadata });
    return result("ok");
  }

  /**
   * The partial update, which is partial for metadata only: an omitted weight becomes 1.0 and an
   * omitted `enabled` true, whatever was written before (3.1.0).
   */
  #partial(params: ParamReader): Response {
    const key = params.service();
    const place = params.place();
    const changes = {
      enabled: params.flag("enabled") ?? true,
      weight: params.weight() ?? 1,
      metadata: params.metadata() ?? this.#registry.written(key, place)?.metadata ?? {},
    };
    this.#known(key, place);
    this.#registry.write(key, place, changes);
    return result("ok");
  }

  /** The disabled ones too; one cluster, not paged. */
  #adminList(params: ParamReader): Response {
    const key = params.service();
    const cluster = params.text("clusterName") || "DEFAULT";
    const shown = this.#registry.shown(key);
    if (!shown) {
      const data = `service ${groupedName(key)} is not found!`;
      throw new Refusal(failure(404, 30000, "server error", data));
    }
    const there = shown.filter(({ clusterName }) => clusterName === cluster);
    if (there.length === 0) {
      const data = `cluster ${cluster} is not found!`;
      throw new Refusal(failure(404, 30000, "server error", data));
    }
    return result(there.map((one) => instanceView(this.#generation, key, one)));
  }

  #service(params: ParamReader): Response {
    const key = params.service();
    const shown = this.#registry.shown(key);
    if (!shown) {
      const data = `service not found, namespace: ${key.namespaceId}, ` +
        `serviceName: ${groupedName(key)}`;
      throw new Refusal(failure(400, 21008, "service not exist", data));
    }
    return result({
      namespaceId: key.namespaceId,
      serviceName: key.serviceName,
      groupName: key.groupName,
      clusterMap: Object.fromEntries(
        clustersOf(shown).map((clusterName) => [clusterName, { clusterName, hosts: null }]),
      ),
      metadata: {},
      protectThreshold: 0,
      ephemeral: true,
    });
  }

  #serviceList(params: ParamReader): Response {
    const pageNo = Number(params.text("pageNo") || "1");
    const pageSize = Number(params.text("pageSize") || "100");
    const found = this.#registry.services(params.namespaceId())
      .filter(({ serviceName }) => serviceName.includes(params.text("serviceNameParam")))
      .filter(({ groupName }) => groupName.includes(params.text("groupNameParam")));
    const page = pageOf(found, pageNo, pageSize);
    const items = params.flag("withInstances")
      ? catalogOf(this.#registry, page, (key, one) => instanceView(this.#generation, key, one))
      : page.map((key) => serviceView(key, this.#registry.shown(key) ?? []));
    return result({
      totalCount: found.length,
      pageNumber: pageNo,
      pagesAvailable: Math.ceil(found.length / pageSize),
      pageItems: items,
    });
  }

  #known(key: ServiceKey, at: Place): Shown {
    const cluster = (this.#registry.shown(key) ?? [])
      .filter(({ clusterName }) => clusterName === at.clusterName);
    const found = cluster.find(({ ip, port }) => ip === at.ip && port === at.port);
    if (found) return found;
    const data = cluster.length > 0
      ? "no matched ip found!"
      : `no ips found for cluster ${at.clusterName} in service ${groupedName(key)}`;
    throw new Refusal(failure(404, 20004, "resource not found", data));
  }
}
