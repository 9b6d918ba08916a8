import assert from "node:assert/strict";
import { callUrl, fillIn } from "../../src/app/url.ts";
import { check } from "../support/schema.ts";

const NAMES = { ip: "10.0.0.7", port: "8080", service: "a b/c", instance: "pod-1:a b:8080" };

Deno.test("callUrl takes http and https with gaps", () => {
  for (
    const url of [
      "http://127.0.0.1:8080/actuator/serviceregistry?status=DOWN",
      "https://admin/clean?ip={ip}&of={service}",
      "http://{ip}:{port}/offline",
      "http://[::1]:22222/offline",
    ]
  ) assert.deepEqual(check(callUrl, url), { value: url });
});

Deno.test("callUrl refuses a password, another scheme, an unknown gap, and what is no URL", () => {
  for (
    const url of [
      "http://user:pass@host/",
      "http://user@host/",
      "http://user:12/34@host/",
      "ftp://host/",
      "host:8080/offline",
      "http://host/{host}",
      "http://host/{ip",
      "http://$(POD_IP):8080/offline",
      "http://",
      "http://host/#token=secret",
    ]
  ) assert.match(check(callUrl, url).problem ?? "", /^expected http\(s\):/, url);
});

Deno.test("fillIn() encodes for where a gap stands", () => {
  const filled = (url: string, names = NAMES) => fillIn(url, names).href;
  assert.equal(
    filled("http://h/{ip}/{port}/{service}?i={instance}&again={ip}"),
    "http://h/10.0.0.7/8080/a%20b%2Fc?i=pod-1%3Aa%20b%3A8080&again=10.0.0.7",
  );
  assert.equal(filled("http://{ip}:{port}/offline"), "http://10.0.0.7:8080/offline");
  const six = { ...NAMES, ip: "fd00::7" };
  assert.equal(filled("http://{ip}:{port}/{ip}", six), "http://[fd00::7]:8080/fd00%3A%3A7");
});

Deno.test("fillIn() leaves what stands in a URL as it is", () => {
  const url = "http://h/a%20b?offline&x=%2B+&y=";
  assert.equal(fillIn(url, NAMES).href, url);
});

Deno.test("fillIn() takes the instance of Nacos, address and port, for a host", () => {
  const names = { ...NAMES, instance: "10.0.0.7:8080" };
  assert.equal(
    fillIn("http://{instance}/clear?token=x", names).href,
    "http://10.0.0.7:8080/clear?token=x",
  );
});

Deno.test("fillIn() keeps host and path as they are, whatever the path begins with", () => {
  const filled = (url: string) => fillIn(url, NAMES).href;
  assert.equal(filled("http://{ip}"), "http://10.0.0.7/");
  assert.equal(filled("http://{ip}?x=1"), "http://10.0.0.7/?x=1");
  assert.equal(filled("http://h//other/x"), "http://h//other/x");
  assert.equal(filled("http://h\\x?y={ip}"), "http://h/x?y=10.0.0.7");
});

Deno.test("fillIn() shows no parameter in its error", () => {
  assert.throws(
    () => fillIn("http://{service}/x?token=very-secret", NAMES),
    (error: Error) => error instanceof TypeError && !/very-secret/.test(error.message),
  );
});

Deno.test("fillIn() refuses a gap that nobody can fill, or that makes no host name", () => {
  assert.throws(
    () => fillIn("http://h/{instance}", { ip: "1.2.3.4" }),
    /\{instance\} is not known/,
  );
  assert.throws(() => fillIn("http://{service}/", NAMES), TypeError);
});
