/** What a Nacos server of 3.x no longer answers. */

/** What keeps an old endpoint on 3.0 and 3.1: a switch of the server's. */
type Compatibility = "admin" | "console";

/** An old endpoint that 3.1.0 answers with 410, whoever asks. */
interface Gone {
  readonly compatibility: Compatibility;
  readonly instead: string;
}

/** Looks an endpoint up. @returns undefined for what 3.1.0 still answers */
export function goneOn31(method: string, path: string): Gone | undefined {
  if (path === "/v1/ns/instance" && method === "GET") return admin("GET", "/ns/instance");
  if (path === "/v1/ns/instance" && method === "PUT") return admin("PUT", "/ns/instance");
  if (path === "/v1/ns/instance" && method === "PATCH") return admin("PUT", "/ns/instance/partial");
  if (path === "/v1/ns/service" && method === "GET") return admin("GET", "/ns/service");
  if (path === "/v1/ns/service/names") return admin("GET", "/ns/service/list");
  if (path === "/v1/ns/catalog/instances") return ofConsole("/ns/instance/list");
  if (path.startsWith("/v1/ns/catalog/")) return ofConsole("/ns/service/list");
  if (path === "/v1/console/namespaces") return ofConsole("/core/namespace/list");
  if (/^\/v[12]\/console\//.test(path)) return ofConsole(path.replace(/^\/v[12]\/console/, ""));
  if (path.startsWith("/v2/ns/")) return admin(method, path.replace("/v2", ""));
  return undefined;
}

/** The message of the 410. */
export function goneMessage({ compatibility, instead }: Gone): string {
  const key = `nacos.core.api.compatibility.${compatibility}.enabled=true`;
  return JSON.stringify({
    code: 40000,
    message: `Current API will be deprecated, please use API(s) \`${instead}\` instead, ` +
      `or set \`${key}\` in application.properties.`,
  });
}

function admin(method: string, path: string): Gone {
  return { compatibility: "admin", instead: `${method} \${contextPath:nacos}/v3/admin${path}` };
}

function ofConsole(path: string): Gone {
  return { compatibility: "console", instead: `GET \${contextPath:nacos}/v3/console${path}` };
}
