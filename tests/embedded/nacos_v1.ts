/**
 * The v1 API of the stand-in: as 2.2.4 and 3.1.0 were measured, as 1.4.8 is from recorded facts and
 * its source.
 */

import type { NacosGeneration } from "../support/nacos_under_test.ts";
import { json, Refusal, text } from "./nacos_answers.ts";
import { catalogOf } from "./nacos_clients.ts";
import type { NacosCall } from "./nacos_call.ts";
import { type Api, ParamReader } from "./nacos_params.ts";
import type { NacosRegistry, Place, ServiceKey, Shown } from "./nacos_registry.ts";
import {
  clustersOf,
  groupedName,
  instanceIdOf,
  instanceView,
  pageOf,
  serviceView,
} from "./nacos_views.ts";

const API: Api = "v1";

/** Answers the naming requests of v1. */
export class NacosV1 {
  readonly #registry: NacosRegistry;
  readonly #generation: NacosGeneration;

  constructor(registry: NacosRegistry, generation: NacosGeneration) {
    this.#registry = registry;
    this.#generation = generation;
  }

  /** Answers a request. @returns undefined where there is no such endpoint */
  answer(call: NacosCall): Response | undefined {
    const params = new ParamReader(call, this.#generation, API);
    switch (`${call.method} ${call.path}`) {
      case "POST /v1/ns/instance":
        this.#registry.register(params.service(), params.registered());
        return text("ok");
      case "DELETE /v1/ns/instance":
        this.#registry.deregister(
          params.service(),
          params.place(),
          params.flag("ephemeral") ?? true,
        );
        return text("ok");
      case "PUT /v1/ns/instance":
        return this.#put(params, call.headers.get("user-agent") ?? "");
      case "PATCH /v1/ns/instance":
        return this.#patch(params);
      case "GET /v1/ns/instance":
        return this.#get(params);
      case "GET /v1/ns/instance/list":
        return this.#list(params);
      case "PUT /v1/ns/instance/beat":
        return this.#beat(params);
      case "GET /v1/ns/service":
        return this.#service(params);
      case "GET /v1/ns/catalog/instances":
        return this.#catalogInstances(params);
      case "GET /v1/ns/catalog/services":
        return this.#catalogServices(params);
      default:
        return undefined;
    }
  }

  #put(params: ParamReader, userAgent: string): Response {
    const key = params.service();
    const instance = params.registered();
    if (this.#generation === "1.4") {
      const there = this.#find(key, instance) !== undefined;
      // 1.4.8: an upsert, unless the caller says that it is a Java client.
      if (!there && /^Nacos-Java-Client:v[1-9]/.test(userAgent)) {
        throw params.v1Error(400, `instance not exist: ${instance.ip}:${instance.port}`);
      }
      this.#registry.register(key, instance);
      return text("ok");
    }
    if (!this.#registry.knows(key)) throw params.v1Error(400, serviceNotFound(key));
    // 2.2.4: 200 even where nobody is registered at this place.
    const { enabled, weight, metadata } = instance;
    this.#registry.write(key, instance, { enabled, weight, metadata });
    return text("ok");
  }

  #patch(params: ParamReader): Response {
    const key = params.service();
    const place = params.place(true);
    const shown = this.#find(key, place);
    if (!shown) {
      if (this.#generation === "1.4") throw params.v1Error(400, "instance not found");
      throw params.v1Error(404, this.#notThere(key, place));
    }
    // 1.4.8 keeps what is omitted. 2.2.4 and 3.1.0 keep what an earlier update wrote for this place,
    // and where there was none take 1.0 for the weight, whatever the app has registered.
    const kept = this.#generation === "1.4" ? shown : this.#registry.written(key, place);
    this.#registry.write(key, place, {
      enabled: params.flag("enabled") ?? kept?.enabled ?? true,
      weight: params.weight() ?? kept?.weight ?? 1,
      metadata: params.metadata() ?? kept?.metadata ?? {},
    });
    return text("ok");
  }

  #get(params: ParamReader): Response {
    const key = params.service();
    const place = params.place();
    const shown = this.#find(key, place);
    if (!shown) throw params.v1Error(404, this.#notThere(key, place));
    const { ip, port, clusterName, weight, healthy, metadata } = shown;
    // No `enabled`: that this instance is hidden cannot be seen here (all versions).
    return json({
      service: groupedName(key),
      ip,
      port,
      clusterName,
      weight,
      healthy,
      instanceId: instanceIdOf(key, shown),
      metadata,
    });
  }

  /** What callers fetch: without disabled instances. An unknown service is an empty one. */
  #list(params: ParamReader): Response {
    const key = params.service();
    const named = params.text("clusters");
    const clusters = named === "" ? undefined : named.split(",");
    const hosts = (this.#registry.shown(key) ?? [])
      .filter(({ enabled }) => enabled)
      .filter(({ clusterName }) => clusters?.includes(clusterName) ?? true)
      .filter(({ healthy }) => healthy || params.flag("healthyOnly") !== true)
      .map((shown) => instanceView(this.#generation, key, shown));
    return json({
      name: groupedName(key),
      groupName: key.groupName,
      clusters: named,
      cacheMillis: 10_000,
      hosts,
      lastRefTime: Date.now(),
      checksum: "",
      [this.#generation.startsWith("3") ? "allIps" : "allIPs"]: false,
      reachProtectionThreshold: false,
      valid: true,
    });
  }

  #beat(params: ParamReader): Response {
    const key = params.service();
    // The form of a light beat: the client of one that is not known is told to register again.
    const known = this.#registry.beat(key, params.place());
    const code = known ? 10200 : 20404;
    return json({ clientBeatInterval: 5000, code, lightBeatEnabled: true });
  }

  #service(params: ParamReader): Response {
    const key = params.service();
    const shown = this.#registry.shown(key);
    if (!shown) {
      const where = `namespace: ${key.namespaceId}, serviceName: ${groupedName(key)}`;
      throw params.v1Error(400, `service not found, ${where}`);
    }
    return json({
      namespaceId: key.namespaceId,
      groupName: key.groupName,
      name: key.serviceName,
      protectThreshold: 0,
      metadata: {},
      selector: { type: "none", contextType: "NONE" },
      clusters: clustersOf(shown).map((name) => ({
        name,
        healthChecker: { type: "TCP" },
        metadata: {},
      })),
    });
  }

  /** The registry's own record: the disabled instances too. One cluster at a time. */
  #catalogInstances(params: ParamReader): Response {
    for (const name of ["serviceName", "clusterName", "pageNo", "pageSize"]) {
      if (!params.has(name)) throw new Refusal(text(`Parameter '${name}' is missing`, 400));
    }
    const key = params.service();
    const cluster = params.text("clusterName");
    const shown = this.#registry.shown(key);
    const word = this.#generation === "1.4" ? "serivce" : "service"; // sic
    if (!shown) throw params.v1Error(404, `${word} ${groupedName(key)} is not found!`);
    const there = shown.filter(({ clusterName }) => clusterName === cluster);
    if (there.length === 0) throw params.v1Error(404, `cluster ${cluster} is not found!`);
    const list = there.map((one) => instanceView(this.#generation, key, one));
    return json({
      list: pageOf(list, Number(params.text("pageNo")), Number(params.text("pageSize"))),
      count: list.length,
    });
  }

  #catalogServices(params: ParamReader): Response {
    const pageNo = Number(params.text("pageNo"));
    const pageSize = Number(params.text("pageSize"));
    if (!pageNo || !pageSize) {
      throw params.v1Error(
        500,
        "Optional int parameter 'pageNo' is present but cannot be translated",
      );
    }
    const found = this.#registry.services(params.namespaceId())
      .filter(({ serviceName }) => serviceName.includes(params.text("serviceNameParam")))
      .filter(({ groupName }) => groupName.includes(params.text("groupNameParam")));
    const page = pageOf(found, pageNo, pageSize);
    if (params.flag("withInstances")) {
      return json(catalogOf(this.#registry, page, (_, shown) => {
        const { ip, port, weight, enabled, healthy, metadata } = shown;
        return { valid: healthy, metadata, port, ip, weight, enabled };
      }));
    }
    const serviceList = page.map((key) => serviceView(key, this.#registry.shown(key) ?? []));
    return json({ count: found.length, serviceList });
  }

  #find(key: ServiceKey, at: Place): Shown | undefined {
    return this.#registry.shown(key)?.find((one) =>
      one.ip === at.ip && one.port === at.port && one.clusterName === at.clusterName
    );
  }

  #notThere(key: ServiceKey, at: Place): string {
    const cluster = (this.#registry.shown(key) ?? [])
      .filter(({ clusterName }) => clusterName === at.clusterName);
    return cluster.length > 0
      ? "no matched ip found!"
      : `no ips found for cluster ${at.clusterName} in service ${groupedName(key)}`;
  }
}

export function serviceNotFound(key: ServiceKey): string {
  return `service not found, namespace: ${key.namespaceId}, service: ` +
    `Service{namespace='${key.namespaceId}', group='${key.groupName}', ` +
    `name='${key.serviceName}', ephemeral=true, revision=0}`;
}
