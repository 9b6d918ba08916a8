/** How a Nacos server reads the parameters of a naming request. */

import type { NacosGeneration } from "../support/nacos_under_test.ts";
import { failure, illegalParameter, nothing, Refusal, springError, text } from "./nacos_answers.ts";
import type { NacosCall } from "./nacos_call.ts";
import type { Place, Registered, ServiceKey } from "./nacos_registry.ts";

/** The ways in which the API reads its parameters and reports what is wrong with them. */
export type Api = "v1" | "v3" | "v3 guarded";

/** Reads parameters as one API of one generation does. */
export class ParamReader {
  readonly #call: NacosCall;
  readonly #generation: NacosGeneration;
  readonly #api: Api;

  constructor(call: NacosCall, generation: NacosGeneration, api: Api) {
    this.#call = call;
    this.#generation = generation;
    this.#api = api;
  }

  /** A parameter, `""` where absent: no server tells the two apart. */
  text(name: string): string {
    return this.#call.params.get(name) ?? "";
  }

  /** Whether the parameter is there, be it empty. */
  has(name: string): boolean {
    return this.#call.params.has(name);
  }

  /** A parameter that must be there. */
  required(name: string, type = "String"): string {
    const value = this.text(name);
    if (value !== "") return value;
    if (this.#api !== "v1") {
      const data = `Required parameter '${name}' type ${type} is not present`;
      throw new Refusal(failure(400, 10000, "parameter missing", data));
    }
    throw this.v1Error(400, `Param '${name}' is required.`);
  }

  /** An error of v1: 3.1.0 leaves out the words around it. */
  v1Error(status: number, message: string): Refusal {
    const body = this.#generation.startsWith("3") ? message : `caused: ${message};`;
    return new Refusal(text(body, status));
  }

  /** `""` and `public` name the same namespace, on all versions. */
  namespaceId(): string {
    return this.text("namespaceId") || "public";
  }

  /** The service that is meant; refuses names that the version does not take. */
  service(): ServiceKey {
    const named = this.required("serviceName");
    const group = this.text("groupName") || "DEFAULT_GROUP";
    if (this.#generation.startsWith("3")) this.#checkNames(named, group);
    const namespaceId = this.namespaceId();
    const at = named.indexOf("@@");
    // v1 splits group@@service, and that group wins over groupName. v3 takes it as a name (3.1.0).
    return this.#api === "v1" && at > 0
      ? { namespaceId, groupName: named.slice(0, at), serviceName: named.slice(at + 2) }
      : { namespaceId, groupName: group, serviceName: named };
  }

  /** Where the instance is. v1 PATCH alone also knows `cluster`. */
  place(withCluster = false): Place {
    const ip = this.required("ip");
    const port = Number(this.required("port", "Integer"));
    const clusterName = this.text("clusterName") || (withCluster && this.text("cluster")) ||
      "DEFAULT";
    if (this.#generation.startsWith("3")) {
      if (!PRINTABLE.test(ip)) throw new Refusal(illegalParameter("ip", ILLEGAL_CHARACTERS));
      if (port < 0 || port > 65535) {
        const why = "the value should be between 0 and 65535";
        throw new Refusal(illegalParameter("port", why));
      }
    }
    return { ip, port, clusterName };
  }

  registered(): Registered {
    const place = this.place();
    if (!/^[0-9a-zA-Z-]+$/.test(place.clusterName)) {
      const allowed = "should be characters with only 0-9a-zA-Z-.";
      const message = `Instance 'clusterName' ${allowed} (current: ${place.clusterName})`;
      throw this.#api !== "v1"
        ? new Refusal(failure(400, 21004, "instance error", message))
        : this.v1Error(400, message);
    }
    return {
      ...place,
      weight: this.weight() ?? 1,
      enabled: this.flag("enabled") ?? true,
      ephemeral: this.flag("ephemeral") ?? true,
      metadata: this.metadata() ?? {},
      grpc: false,
      viaV1: this.#api === "v1",
    };
  }

  /** A weight between 0 and 10000, undefined where absent. */
  weight(): number | undefined {
    const named = this.text("weight");
    if (named === "") return undefined;
    const weight = Number(named);
    if (Number.isNaN(weight)) {
      throw this.#api !== "v1"
        ? new Refusal(failure(500, 30000, `rejected value [${named}]`, null))
        : this.v1Error(400, `For input string: "${named}"`);
    }
    if (weight < 0 || weight > 10_000) {
      const message = "instance format invalid: The weights range from 0.0 to 10000.0";
      throw this.#api !== "v1"
        ? new Refusal(failure(400, 21001, "weight error", message))
        : this.v1Error(400, message);
    }
    return weight;
  }

  /** A flag, undefined where absent. v1 takes any other word for false, v3 refuses it. */
  flag(name: string): boolean | undefined {
    const value = this.text(name).toLowerCase();
    if (value === "") return undefined;
    if (this.#api !== "v1" && value !== "true" && value !== "false") {
      throw new Refusal(failure(500, 30000, `rejected value [${value}]`, null));
    }
    return value === "true";
  }

  /** Metadata, a JSON object or `k=v,k=v`; undefined where absent. */
  metadata(): Record<string, string> | undefined {
    const value = this.text("metadata");
    if (value === "") return undefined;
    const read = readMetadata(value);
    if (read) return read;
    if (this.#generation.startsWith("3")) {
      // 3.1.0: HTTP 200 with nothing in it and nothing done, where the auth filter is on; 500 where not.
      if (this.#api === "v3 guarded") throw new Refusal(nothing());
      const why = `ErrCode:400, ErrMsg:metadata format incorrect:${value}`;
      const message = this.#api === "v1" ? `Server failed, caused: ${why};` : why;
      throw new Refusal(springError(this.#call.fullPath, 500, message));
    }
    throw this.v1Error(400, `metadata format incorrect:${value}`);
  }

  #checkNames(serviceName: string, groupName: string): void {
    const check = (name: string, value: string) => {
      if (!PRINTABLE.test(value)) throw new Refusal(illegalParameter(name, ILLEGAL_CHARACTERS));
    };
    // The length includes the group: 3.1.0 refused a name of 512 characters and took one of 215.
    if (serviceName.length >= 512) {
      const why = "the param length should not exceed 512";
      throw new Refusal(illegalParameter("serviceName", why));
    }
    check("serviceName", serviceName);
    check("group", groupName);
    check("namespaceId/tenant", this.namespaceId());
    check("cluster", this.text("clusterName"));
  }
}

/** 3.1.0 takes quotes, `%`, `+`, `&`, `@`, `:`, `/` in names, but no space and no Chinese. */
const PRINTABLE = /^[!-~]*$/;
const ILLEGAL_CHARACTERS = "illegal characters should not appear in the param";

function readMetadata(value: string): Record<string, string> | undefined {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) {
      return Object.fromEntries(Object.entries(parsed).map(([k, v]) => [k, String(v)]));
    }
  } catch {
    // Not JSON, so k=v,k=v.
  }
  const read: Record<string, string> = {};
  for (const pair of value.split(",")) {
    const [key, part, ...more] = pair.split("=");
    // A value with `=` breaks this form on all versions.
    if (!key || !part || more.length > 0) return undefined;
    read[key] = part;
  }
  return read;
}
