/** What the stand-in says about itself: version, readiness, namespaces. */

import type { NacosGeneration } from "../support/nacos_under_test.ts";
import { json, result } from "./nacos_answers.ts";

interface ConsoleOptions {
  readonly generation: NacosGeneration;
  readonly auth: boolean;
  /** Whether the v3 admin API needs a token. */
  readonly adminAuth: boolean;
  readonly versionEndpoint: boolean;
  /** Namespaces besides `public`. */
  readonly namespaces: readonly string[];
}

const VERSIONS: Readonly<Record<NacosGeneration, string>> = {
  "1.4": "1.4.8",
  "2.x": "2.2.4",
  "3.1": "3.1.0-bugfix",
  "3.2": "3.2.0",
};

/** Answers what needs no token on any version; undefined where there is no such endpoint. */
export function answerState(path: string, options: ConsoleOptions): Response | undefined {
  if (path === "/v1/ns/operator/metrics" && options.generation !== "3.2") {
    return json({ status: "UP" });
  }
  const version = VERSIONS[options.generation];
  if (options.generation.startsWith("3")) {
    if (path === "/v3/admin/core/state/readiness") return result("ok");
    if (path !== "/v3/admin/core/state" || !options.versionEndpoint) return undefined;
    return result({
      version,
      startup_mode: "standalone",
      function_mode: null,
      auth_system_type: "nacos",
      auth_enabled: String(options.auth || options.adminAuth),
    });
  }
  // The console is not part of the 2.2.4 on Maven Central: 404 for all of these. Elsewhere it is;
  // the shapes are upstream's, not measured.
  if (!options.versionEndpoint) return undefined;
  if (path === "/v1/console/server/state") {
    return json({ version, standalone_mode: "standalone", function_mode: null });
  }
  return undefined;
}

/** Answers the list of namespaces, v1 or v3; undefined where there is no such endpoint. */
export function answerNamespaces(path: string, options: ConsoleOptions): Response | undefined {
  const v3 = path === "/v3/admin/core/namespace/list" && options.generation.startsWith("3");
  const v1 = path === "/v1/console/namespaces" && options.versionEndpoint &&
    !options.generation.startsWith("3");
  if (!v1 && !v3) return undefined;
  const others = options.namespaces.filter((name) => name !== "public");
  const data = [
    // v1 spells the default namespace without its name.
    { namespace: v3 ? "public" : "", namespaceShowName: "public", type: 0 },
    ...others.map((name) => ({ namespace: name, namespaceShowName: name, type: 2 })),
  ].map((one) => ({ ...one, namespaceDesc: null, quota: 200, configCount: 0 }));
  return v3 ? result(data) : json({ code: 200, message: null, data });
}
