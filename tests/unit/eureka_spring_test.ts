import assert from "node:assert/strict";
import { securePort, serviceUrls } from "../../src/registry/eureka/spring.ts";
import { createSpring } from "../../src/settings/spring.ts";

const urls = (env: Record<string, string>) => serviceUrls.find(createSpring((name) => env[name]));
const port = (env: Record<string, string>) => securePort.find(createSpring((name) => env[name]));

Deno.test("serviceUrls takes the addresses of the default zone as they are", () => {
  const value = "http://e1:8761/eureka/,http://e2:8761/eureka/";
  assert.deepEqual(urls({ EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: value }), {
    text: value,
    from: "environment variable EUREKA_CLIENT_SERVICEURL_DEFAULTZONE",
    env: "EUREKA_CLIENT_SERVICEURL_DEFAULTZONE",
  });
  assert.equal(urls({}), undefined);
});

Deno.test("serviceUrls means /apps at the root where a URL has no path", () => {
  const text = (value: string) => urls({ EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: value })?.text;
  assert.equal(text("http://e1/"), "http://e1/apps");
  assert.equal(text("https://u:p@e1:443"), "https://u:p@e1:443/apps");
  assert.equal(
    text("http://e1/,\n  http://e2/eureka/ , http://e3"),
    "http://e1/apps,http://e2/eureka/,http://e3/apps",
  );
  // It is no longer what stands in the variable.
  assert.equal(urls({ EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: "http://e1/" })?.env, undefined);
});

Deno.test("serviceUrls goes by the zones of the region", () => {
  const zones = {
    EUREKA_CLIENT_REGION: "r1",
    EUREKA_CLIENT_AVAILABILITYZONES_R1: "zone1, zone2",
    EUREKA_CLIENT_SERVICEURL_ZONE1: "http://e1/eureka/",
    EUREKA_CLIENT_SERVICEURL_zone2: "http://e2/eureka/",
    EUREKA_CLIENT_SERVICEURL_ZONE3: "http://e3/eureka/",
    EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: "http://e0/eureka/",
  };
  assert.equal(urls(zones)?.text, "http://e1/eureka/,http://e2/eureka/");
  const { EUREKA_CLIENT_SERVICEURL_zone2: _, ...without } = zones;
  assert.equal(urls(without)?.text, "http://e1/eureka/,http://e0/eureka/");
  // Another region has no zones here.
  assert.equal(urls({ ...zones, EUREKA_CLIENT_REGION: "r2" })?.text, "http://e0/eureka/");
  // Spring's own default of the region.
  const { EUREKA_CLIENT_REGION: __, ...unnamed } = zones;
  const usual = { "eureka.client.availability-zones.us-east-1": "zone3" };
  assert.equal(urls({ ...unnamed, ...usual })?.text, "http://e3/eureka/");
});

Deno.test("serviceUrls tells why there is no address", () => {
  const found = urls({ EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: "http://${EUREKA}/" });
  assert.equal(found?.text, undefined);
  assert.match(found?.note ?? "", /\$\{EUREKA\} is not in the environment/);
});

Deno.test("securePort counts where it is switched on", () => {
  const EUREKA_INSTANCE_SECURE_PORT = "8443";
  const on = (enabled: string) =>
    port({ EUREKA_INSTANCE_SECURE_PORT, EUREKA_INSTANCE_SECURE_PORT_ENABLED: enabled })?.text;
  assert.equal(on("true"), "8443");
  assert.equal(on("false"), undefined);
  assert.equal(port({ EUREKA_INSTANCE_SECURE_PORT }), undefined);
  assert.equal(port({ EUREKA_INSTANCE_SECURE_PORT_ENABLED: "true" }), undefined);
});
