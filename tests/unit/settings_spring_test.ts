import assert from "node:assert/strict";
import { springNames } from "../../scripts/environment.ts";
import { spellings } from "../../src/settings/spellings.ts";
import { createSpring } from "../../src/settings/spring.ts";

const ADDRESS = "spring.cloud.nacos.discovery.server-addr";

/** Reads from an environment of which only some variables may be read, as Deno 2.9.6 does it. */
function springOf(env: Record<string, string>, forbidden: readonly string[] = []) {
  return createSpring((name) => {
    if (!forbidden.includes(name)) return env[name];
    throw Object.assign(new Error(`Requires env access to "${name}"`), { name: "NotCapable" });
  });
}
const textOf = (env: Record<string, string>, name: string, key?: string) =>
  springOf(env)(name, key)?.text;

Deno.test("createSpring() finds a property by each spelling that Spring Boot takes", () => {
  for (
    const name of [
      "SPRING_CLOUD_NACOS_DISCOVERY_SERVERADDR",
      "SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR",
      "SPRING_CLOUD_NACOS_DISCOVERY_SERVER-ADDR",
      "spring.cloud.nacos.discovery.server-addr",
      "spring.cloud.nacos.discovery.serverAddr",
      "spring.cloud.nacos.discovery.serveraddr",
      "spring_cloud_nacos_discovery_serveraddr",
      "spring_cloud_nacos_discovery_server_addr",
      "spring_cloud_nacos_discovery_server-addr",
    ]
  ) {
    const found = springOf({ [name]: "n1" })(ADDRESS);
    assert.deepEqual([found?.text, found?.from], ["n1", `environment variable ${name}`]);
  }
  assert.equal(textOf({ SPRING_CLOUD_NACOS_SERVER_ADDR: "n1" }, ADDRESS), undefined);
});

Deno.test("createSpring() finds a key of a map by each spelling", () => {
  for (
    const name of [
      "EUREKA_CLIENT_SERVICEURL_DEFAULTZONE",
      "EUREKA_CLIENT_SERVICE_URL_DEFAULTZONE",
      "EUREKA_CLIENT_SERVICE_URL_DEFAULT_ZONE",
      "EUREKA_CLIENT_SERVICE-URL_DEFAULT-ZONE",
      "EUREKA_CLIENT_SERVICEURL_defaultZone",
      "EUREKA_CLIENT_SERVICE_URL_defaultZone",
      "eureka_client_serviceurl_defaultzone",
      "eureka.client.serviceUrl.defaultZone",
      "eureka.client.service-url.defaultZone",
      "eureka.client.service-url.default-zone",
      "eureka.client.serviceUrl.default-zone",
    ]
  ) {
    assert.equal(textOf({ [name]: "e1" }, "eureka.client.service-url", "default-zone"), "e1", name);
  }
});

Deno.test("createSpring() gives the variable only where its text is taken letter by letter", () => {
  const found = (env: Record<string, string>) => springOf(env)("server.port");
  assert.equal(found({ SERVER_PORT: "80" })?.env, "SERVER_PORT");
  assert.equal(found({ SERVER_PORT: "${PORT:80}" })?.env, undefined);
  const dotted = found({ "server.port": "80" });
  assert.equal(dotted?.env, undefined);
  assert.match(dotted?.note ?? "", /^server\.port is no name for a shell: dash and busybox/);
});

Deno.test("createSpring() takes an empty variable for none", () => {
  assert.equal(textOf({ SERVER_PORT: " ", server_port: "81" }, "server.port"), "81");
});

Deno.test("createSpring() reads SPRING_APPLICATION_JSON, nested or flat", () => {
  const nested = { spring: { cloud: { nacos: { discovery: { serverAddr: "n1", port: -1 } } } } };
  for (const name of ["SPRING_APPLICATION_JSON", "spring.application.json"]) {
    const found = springOf({ [name]: JSON.stringify(nested) })(ADDRESS);
    assert.equal(found?.text, "n1");
    assert.equal(found?.from, `spring.cloud.nacos.discovery.serverAddr of ${name}`);
    assert.equal(found?.env, undefined);
  }
  const json = (value: unknown) => ({ SPRING_APPLICATION_JSON: JSON.stringify(value) });
  assert.equal(textOf(json(nested), "spring.cloud.nacos.discovery.port"), "-1");
  assert.equal(textOf(json({ [ADDRESS]: "n2" }), ADDRESS), "n2");
  assert.equal(
    textOf(
      json({ "eureka.client": { "service-url[defaultZone]": "e" } }),
      "eureka.client.service-url",
      "default-zone",
    ),
    "e",
  );
  for (const text of ["{", "null", "7", '"x"', "[]"]) {
    assert.equal(textOf({ SPRING_APPLICATION_JSON: text, SERVER_PORT: "1" }, "server.port"), "1");
  }
});

Deno.test("createSpring() reads what Java's options say", () => {
  for (const name of ["JAVA_TOOL_OPTIONS", "JAVA_OPTS", "JDK_JAVA_OPTIONS"]) {
    for (const mark of ["-D", "--"]) {
      const found = springOf({ [name]: `-Xmx1g ${mark}${ADDRESS}=n1:8848,n2 -Dx` })(ADDRESS);
      assert.deepEqual([found?.text, found?.from], ["n1:8848,n2", `${mark}${ADDRESS} of ${name}`]);
    }
  }
  const of = (text: string) => textOf({ JAVA_OPTS: text }, "spring.application.name");
  assert.equal(of('-Dspring.application.name="my orders" -Dother=1'), "my orders");
  assert.equal(of("-Dspring.application.name='my orders'"), "my orders");
  assert.equal(of('"-Dspring.application.name=my orders"'), "my orders");
  assert.equal(of("-Dspring.application.name=a -Dspring.application.name=b"), "b");
  assert.equal(of("-Dspring.application.name"), undefined);
});

Deno.test("createSpring() goes by Spring's order", () => {
  const all = {
    JAVA_OPTS: "-Dserver.port=3 --server.port=1",
    SPRING_APPLICATION_JSON: '{"server":{"port":2}}',
    JAVA_TOOL_OPTIONS: "-Dserver.port=4",
    SERVER_PORT: "5",
  };
  const without = (...gone: string[]) =>
    textOf(
      Object.fromEntries(Object.entries(all).filter(([name]) => !gone.includes(name))),
      "server.port",
    );
  assert.equal(without(), "1");
  assert.equal(textOf({ ...all, JAVA_OPTS: "-Dserver.port=3" }, "server.port"), "2");
  assert.equal(
    textOf({ ...all, JAVA_OPTS: "-Dserver.port=3", SPRING_APPLICATION_JSON: "" }, "server.port"),
    "3",
  );
  assert.equal(without("JAVA_OPTS", "SPRING_APPLICATION_JSON"), "4");
  assert.equal(without("JAVA_OPTS", "SPRING_APPLICATION_JSON", "JAVA_TOOL_OPTIONS"), "5");
});

Deno.test("createSpring() fills placeholders from variables and other properties", () => {
  const env = { EUREKA_HOST: "e1", SERVER_PORT: "${PORT:8080}", spring_application_name: "orders" };
  assert.equal(
    textOf({ ...env, [ADDRESS]: "${EUREKA_HOST:x}:${server.port}" }, ADDRESS),
    "e1:8080",
  );
  assert.equal(
    textOf(
      { ...env, EUREKA_INSTANCE_APPNAME: "${spring.application.name}" },
      "eureka.instance.appname",
    ),
    "orders",
  );
});

Deno.test("createSpring() says why a placeholder has no value", () => {
  const noteOf = (env: Record<string, string>, forbidden?: string[]) => {
    const { text, note } = springOf(env, forbidden)(ADDRESS) ?? {};
    assert.equal(text, undefined);
    return note ?? "";
  };
  const from =
    /^environment variable spring\.cloud\.nacos\.discovery\.server-addr counts as not set: /;
  const client = noteOf({ [ADDRESS]: "${spring.cloud.client.ip-address}:80" });
  assert.match(client, from);
  assert.match(client, /only Spring knows \$\{spring\.cloud\.client\.ip-address\}$/);
  // The app's own files may have it.
  assert.match(noteOf({ [ADDRESS]: "${my.host:localhost}" }), /only Spring knows \$\{my\.host\}$/);
  assert.match(noteOf({ [ADDRESS]: "${HOST}" }), /\$\{HOST\} is not in the environment$/);
  assert.match(
    noteOf({ [ADDRESS]: "${MY_HOST:localhost}" }, ["MY_HOST"]),
    /this program may not read MY_HOST$/,
  );
  const circle = { [ADDRESS]: `\${${ADDRESS}}` };
  assert.match(noteOf(circle), /only Spring knows/);
});

Deno.test("createSpring() passes on what is no permission", () => {
  const spring = createSpring(() => {
    throw new TypeError("no text");
  });
  assert.throws(() => spring("server.port"), /no text/);
});

Deno.test("springNames() opens whole namespaces only where nothing but registries is", () => {
  const names = springNames([ADDRESS, "eureka.client.service-url", "spring.application.name"]);
  for (const one of ["SPRING_CLOUD_NACOS_*", "spring.cloud.nacos.*", "EUREKA_*", "eureka.*"]) {
    assert.ok(names.includes(one), one);
  }
  assert.ok(names.includes("spring.application.name"));
  // SPRING_DATASOURCE_PASSWORD, SERVER_SSL_KEY_STORE_PASSWORD.
  for (const one of names) {
    assert.doesNotMatch(one, /^(spring|server)?[._]?\*|^spring[._][^.c]\w*\*/i);
  }
  assert.deepEqual(springNames([]), []);
});

Deno.test("springNames() opens each spelling of each property", () => {
  const properties = [ADDRESS, "server.port", "spring.application.name"];
  const names = springNames(properties);
  const isOpen = (name: string) =>
    names.some((one) => one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : name === one);
  for (const name of properties.flatMap((one) => spellings(one))) assert.ok(isOpen(name), name);
});
