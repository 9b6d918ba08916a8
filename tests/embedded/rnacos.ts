/**
 * A stand-in for r-nacos, a server of another make that speaks the v1 API of Nacos: in this process,
 * ready at once. Measured on 0.8.8; `tests/contract/rnacos.ts` passes on that and on this.
 */

import type { RNacosUnderTest } from "../support/rnacos_under_test.ts";
import { json, springError, text } from "./nacos_answers.ts";
import { readParams } from "./nacos_call.ts";

interface EmbeddedRNacosOptions {
  /** Whether all requests but logins need a token. @default {false} */
  readonly auth?: boolean;
  /**
   * Whether `Bearer` before the token is understood: so on 0.8.8, on 0.8.5 it was reported not to be.
   * @default {true}
   */
  readonly bearer?: boolean;
  /** Called before anything else; what it answers is the answer. */
  readonly intercept?: (req: Request) => Response | undefined;
}

interface Instance {
  ip: string;
  port: number;
  clusterName: string;
  weight: number;
  enabled: boolean;
  metadata: Record<string, string>;
}

export function startEmbeddedRNacos(
  { auth = false, bearer = true, intercept }: EmbeddedRNacosOptions = {},
): RNacosUnderTest {
  const services = new Map<string, Map<string, Instance>>();
  const tokens = new Set<string>();
  const admin = { username: "nacos", password: crypto.randomUUID() };

  const answer = async (req: Request): Promise<Response> => {
    const { pathname } = new URL(req.url);
    const params = await readParams(req);
    const get = (name: string) => params.get(name) ?? "";
    const what = `${req.method} ${pathname.replace(/^\/nacos/, "")}`;
    if (/\/(v1\/auth\/users|v3\/auth\/user)\/login$/.test(pathname)) {
      if (!auth) return json({ accessToken: "AUTH_DISABLED", tokenTtl: 3600, globalAdmin: true });
      if (get("username") !== admin.username || get("password") !== admin.password) {
        return text("unknown user!", 403);
      }
      const accessToken = crypto.randomUUID().replaceAll("-", "");
      tokens.add(accessToken);
      const { username } = admin;
      return json({ accessToken, tokenTtl: 3600, globalAdmin: false, username });
    }
    const header = req.headers.get("authorization") ?? "";
    const token = bearer ? header.replace(/^Bearer\s+/i, "") : header;
    // Also of paths that it has not.
    if (auth && !tokens.has(token || get("accessToken"))) {
      return springError(pathname, 403, "unknown user!");
    }
    const [group, name] = get("serviceName").includes("@@")
      ? get("serviceName").split("@@")
      : [get("groupName") || "DEFAULT_GROUP", get("serviceName")];
    const key = [get("namespaceId") || "public", group, name].join("\n");
    const service = services.get(key) ?? new Map<string, Instance>();
    const place = `${get("ip")}#${get("port")}`;
    const known = service.get(place);
    const view = (one: Instance) => ({
      ...one,
      service: `${group}@@${name}`,
      serviceName: `${group}@@${name}`,
      instanceId: `${one.ip}#${one.port}`,
      healthy: true,
      marked: true,
      ephemeral: true,
    });
    // What is disabled is in neither list.
    const shown = [...service.values()].filter(({ enabled }) => enabled).map(view);
    switch (what) {
      case "POST /v1/ns/instance":
      case "PUT /v1/ns/instance":
      case "PATCH /v1/ns/instance": {
        if (!params.has("ip")) return text("the instance ip is None", 500);
        if (!get("port")) return text("the instance port is None", 500);
        // An upsert; a weight of 1 changes nothing, and what is left out stays.
        const weight = Number(get("weight") || 1);
        services.set(
          key,
          service.set(place, {
            ip: get("ip"),
            port: Number(get("port")),
            clusterName: get("clusterName") || known?.clusterName || "DEFAULT",
            weight: weight === 1 ? known?.weight ?? 1 : weight,
            enabled: params.has("enabled") ? get("enabled") === "true" : known?.enabled ?? true,
            metadata: JSON.parse(get("metadata") || "null") ?? known?.metadata ?? {},
          }),
        );
        return text("ok");
      }
      case "DELETE /v1/ns/instance":
        service.delete(place);
        return text("ok");
      case "GET /v1/ns/instance":
        return known ? json(view(known)) : text("error", 500);
      case "PUT /v1/ns/instance/beat":
        return json({ code: 10200, lightBeatEnabled: true, clientBeatInterval: 5000 });
      case "GET /v1/ns/instance/list":
        return json({ name: `${group}@@${name}`, clusters: "", cacheMillis: 10_000, hosts: shown });
      case "GET /v1/ns/catalog/instances":
        return json({ count: shown.length, list: shown });
      case "GET /v1/ns/catalog/services":
        return json({ count: 0, serviceList: [] });
      case "GET /v1/ns/service":
        return text(
          `service not found,namespace_id:${get("namespaceId")},service_name:${name}`,
          500,
        );
      case "GET /v1/ns/operator/metrics":
        return json({ status: "UP" });
      case "GET /v1/console/namespaces": {
        const data = [{ namespace: "", namespaceShowName: "public", type: 0 }];
        return json({ code: 200, message: null, data });
      }
      default:
        return new Response(null, { status: 404 });
    }
  };

  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (req) => intercept?.(req) ?? answer(req),
  );
  const addr = `127.0.0.1:${server.addr.port}`;
  return {
    label: `stand-in r-nacos auth ${auth ? "on" : "off"}${bearer ? "" : ", no Bearer"}`,
    addr,
    rootUrl: `http://${addr}/nacos`,
    auth,
    admin,
    shutdown: () => server.shutdown(),
  };
}
