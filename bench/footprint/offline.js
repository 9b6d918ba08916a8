// The same requests as offline.sh in a minimal Deno program: what the runtime alone costs, so that
// the report can tell it from what the bundle does more. For the bench only; it drains nothing.

const env = (name) => Deno.env.get(name) ?? "";

async function send(method, url, form, token) {
  const response = await fetch(url, {
    method,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    body: form && new URLSearchParams(form),
  });
  const body = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status}`);
  return body;
}

async function nacosPut(path, form) {
  const root = `http://${env("NACOS_SERVER_ADDR")}/nacos`;
  const login = await send("POST", `${root}/v1/auth/users/login`, {
    username: env("NACOS_USERNAME"),
    password: env("NACOS_PASSWORD"),
  });
  await send("PUT", root + path, form, JSON.parse(login).accessToken);
}

const place = {
  serviceName: env("serviceName"),
  groupName: env("groupName"),
  namespaceId: env("namespaceId"),
  clusterName: "DEFAULT",
  ip: env("podip"),
  port: env("port"),
  weight: "1",
  enabled: "false",
};

if (Deno.args[0] !== "--version") {
  const registry = env("REGISTRY");
  if (registry === "nacos-v1") {
    await nacosPut("/v1/ns/instance", { ...place, ephemeral: "true", metadata: env("metadata") });
  } else if (registry === "nacos-v3") {
    await nacosPut("/v3/admin/ns/instance/partial", place);
  } else {
    const status = `${env("APPLICATION")}/${env("instanceId")}/status?value=OUT_OF_SERVICE`;
    await send("PUT", `${env("EUREKA_URL")}/apps/${status}`);
  }
}
