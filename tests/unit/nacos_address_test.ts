import assert from "node:assert/strict";
import { rootUrls } from "../../src/registry/nacos/sessions.ts";
import { contextPath, nacosAddresses } from "../../src/registry/nacos/settings.ts";
import { check } from "../support/schema.ts";

/** The root URLs for a list as it is written, or undefined where it is refused. */
function roots(written: string, path = "/nacos"): string[] | undefined {
  const { value } = check(nacosAddresses, written);
  return value && rootUrls(value, path);
}

Deno.test("nacosAddresses takes a bare host for one on port 8848", () => {
  assert.deepEqual(roots("nacos"), ["http://nacos:8848/nacos"]);
  assert.deepEqual(roots("10.0.0.1"), ["http://10.0.0.1:8848/nacos"]);
});

Deno.test("nacosAddresses takes host:port, port 80 too", () => {
  assert.deepEqual(roots("nacos.prod.svc:8849"), ["http://nacos.prod.svc:8849/nacos"]);
  assert.deepEqual(roots("nacos:80"), ["http://nacos/nacos"]);
});

Deno.test("nacosAddresses takes a URL at its word", () => {
  assert.deepEqual(roots("http://nacos"), ["http://nacos/nacos"]);
  assert.deepEqual(roots("https://nacos"), ["https://nacos/nacos"]);
  assert.deepEqual(roots("https://nacos:8443"), ["https://nacos:8443/nacos"]);
  assert.deepEqual(roots("HTTP://Nacos:8848/"), ["http://nacos:8848/nacos"]);
});

Deno.test("nacosAddresses takes IPv6 addresses in brackets", () => {
  assert.deepEqual(roots("[fd00::1]"), ["http://[fd00::1]:8848/nacos"]);
  assert.deepEqual(roots("[fd00::1]:8849"), ["http://[fd00::1]:8849/nacos"]);
  assert.deepEqual(roots("http://[fd00::1]:80/x"), ["http://[fd00::1]/x"]);
});

Deno.test("nacosAddresses takes a context path before the one of the settings", () => {
  assert.deepEqual(roots("http://gateway/my/nacos/"), ["http://gateway/my/nacos"]);
  assert.deepEqual(roots("gateway/my/nacos"), ["http://gateway:8848/my/nacos"]);
  assert.deepEqual(roots("a:1/x,b:2", ""), ["http://a:1/x", "http://b:2"]);
});

Deno.test("nacosAddresses takes several, separated by commas, semicolons or space", () => {
  const three = ["http://a:8848/nacos", "http://b:1/nacos", "https://c/nacos"];
  for (const written of ["a,b:1,https://c", "a;b:1;https://c", " a , b:1\n https://c , "]) {
    assert.deepEqual(roots(written), three, written);
  }
});

Deno.test("rootUrls() names a server that was written twice once", () => {
  assert.deepEqual(roots("nacos,nacos:8848,http://nacos:8848/nacos"), ["http://nacos:8848/nacos"]);
});

Deno.test("nacosAddresses refuses user and password and says where they go", () => {
  for (const written of ["http://me:pw@nacos:8848", "me:pw@nacos:8848", "http://me@nacos"]) {
    const message = check(nacosAddresses, written).problem ?? "";
    assert.match(message, /NACOS_USERNAME and NACOS_PASSWORD/);
    assert.doesNotMatch(message, /pw/);
  }
});

Deno.test("nacosAddresses refuses what is no address", () => {
  const garbage = [
    "ftp://nacos",
    "http://",
    "nacos:eighty",
    "nacos:0",
    "nacos:99999",
    "::1",
    ",",
    "",
  ];
  for (const written of [...garbage, "nacos?x=1", "nacos#x", "$(NACOS)", "good,b:0"]) {
    assert.equal(roots(written), undefined, written);
  }
});

Deno.test("contextPath puts one slash first and none last", () => {
  const parse = (input: string) => check(contextPath, input).value;
  assert.equal(parse("/nacos"), "/nacos");
  assert.equal(parse("nacos/"), "/nacos");
  assert.equal(parse("//my/nacos//"), "/my/nacos");
  assert.equal(parse("/"), "");
  for (const wrong of ["/na cos", "/nacos?x", "http://nacos/x#y"]) {
    assert.equal(parse(wrong), undefined, wrong);
  }
});
