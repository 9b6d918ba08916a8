import assert from "node:assert/strict";
import {
  type AddressForm,
  readAddresses,
  type ServerAddress,
} from "../../src/http/server_address.ts";
import { eurekaSettings } from "../../src/registry/eureka/settings.ts";
import { check } from "../support/schema.ts";

const FORM: AddressForm = {
  separator: /[,\s]+/,
  defaultPort: 8761,
  credentials: true,
};

const readAll = (written: string, form: Partial<AddressForm> = {}) =>
  readAddresses(written, { ...FORM, ...form });

/** The one address of a text, or undefined where it is refused. */
function read(written: string, form?: Partial<AddressForm>): ServerAddress | undefined {
  const all = readAll(written, form);
  assert.ok(all === undefined || all.length === 1, written);
  return all?.[0];
}

const whereOf = (written: string) => {
  const address = read(written);
  return address && [address.origin, address.path];
};

const userOf = (written: string) => {
  const { credentials } = read(written) ?? {};
  return credentials && [credentials.username, credentials.password];
};

Deno.test("readAddresses() takes the usual port for a bare host, with and without user", () => {
  for (const written of ["eureka", "me:pw@eureka", "eureka:8761", "eureka/"]) {
    assert.deepEqual(whereOf(written), ["http://eureka:8761", undefined], written);
  }
  for (const written of ["eureka/my/path", "me:pw@eureka/my/path/"]) {
    assert.deepEqual(whereOf(written), ["http://eureka:8761", "/my/path"], written);
  }
  assert.deepEqual(whereOf("me:1234@[fd00::1]"), ["http://[fd00::1]:8761", undefined]);
});

Deno.test("readAddresses() takes the port that is written, 80 too", () => {
  assert.deepEqual(whereOf("eureka:9000"), ["http://eureka:9000", undefined]);
  assert.deepEqual(whereOf("me:pw@eureka:9000"), ["http://eureka:9000", undefined]);
  assert.deepEqual(whereOf("eureka:80"), ["http://eureka", undefined]);
  assert.deepEqual(whereOf("[fd00::1]:9000"), ["http://[fd00::1]:9000", undefined]);
});

Deno.test("readAddresses() takes a URL at its word", () => {
  assert.deepEqual(whereOf("http://eureka"), ["http://eureka", undefined]);
  assert.deepEqual(whereOf("https://me:pw@eureka/eureka/"), ["https://eureka", "/eureka"]);
  assert.deepEqual(whereOf("HTTPS://Eureka:8443/Eureka//"), ["https://eureka:8443", "/Eureka"]);
});

Deno.test("readAddresses() reads user and password with their percent-encoding", () => {
  assert.deepEqual(userOf("http://me:pw@eureka"), ["me", "pw"]);
  assert.deepEqual(userOf("http://m%40e:p%3Aw%2F%20%C3%A9%2C@eureka"), ["m@e", "p:w/ \u00e9,"]);
  assert.deepEqual(userOf("me:a:b@eureka"), ["me", "a:b"]);
  assert.equal(userOf("http://eureka"), undefined);
});

Deno.test("readAddresses() leaves alone what separates nothing here", () => {
  assert.deepEqual(userOf("http://me:p;w@eureka"), ["me", "p;w"]);
  assert.equal(readAll("http://a;http://b"), undefined);
});

Deno.test("readAddresses() keeps user and password out of origin and path", () => {
  const { origin, path } = read("http://me:hunter2@eureka:8761/eureka") ?? {};
  assert.deepEqual([origin, path], ["http://eureka:8761", "/eureka"]);
});

Deno.test("readAddresses() refuses a password whose encoding is broken", () => {
  for (const password of ["50%", "%zz", "%E9", "a/b"]) {
    assert.equal(read(`http://me:${password}@eureka`), undefined, password);
  }
});

Deno.test("readAddresses() refuses user and password where they do not belong", () => {
  for (const written of ["http://me:pw@nacos", "me:pw@nacos:8848", "http://me@nacos"]) {
    assert.equal(read(written, { credentials: false }), undefined, written);
  }
  assert.equal(read("nacos", { credentials: false })?.origin, "http://nacos:8761");
});

Deno.test("readAddresses() takes several, each with a user of its own or without", () => {
  const separators = { ",": FORM, " , ": FORM, "\n": FORM, ";": { separator: /[,;\s]+/ } };
  for (const [between, form] of Object.entries(separators)) {
    const all = readAll(["http://me:pw@a:1/x", "b", "you:pw2@c"].join(between), form);
    assert.deepEqual(
      all?.map(({ origin, credentials }) => [origin, credentials?.username]),
      [["http://a:1", "me"], ["http://b:8761", undefined], ["http://c:8761", "you"]],
    );
  }
});

Deno.test("readAddresses() refuses the whole list where one of it is no address", () => {
  const garbage = ["ftp://a", "http://", "a:eighty", "a:0", "a:99999", "::1", "a?x=1", "a#x"];
  for (const written of [...garbage, "$(EUREKA)", "me:pw@"]) {
    assert.equal(readAll(`good,${written}`), undefined, written);
  }
  for (const empty of ["", ",", " , ", ";"]) assert.equal(readAll(empty), undefined);
});

Deno.test("a setting of addresses says what it should be and repeats nothing", () => {
  const { problem = "" } = check(eurekaSettings.eurekaUrl.schema, "http://me:hunter2@:0");
  assert.match(problem, /^expected http\(s\):\/\/host:port\/eureka, several/);
  assert.doesNotMatch(problem, /hunter2/);
});

Deno.test("readAddresses() refuses what an unencoded password leaves behind", () => {
  for (
    const written of [
      "http://me@eureka",
      "http://:hunter2@eureka",
      "http://me:12,hunter2@eureka",
      "http://me:12/hunter2@eureka",
    ]
  ) {
    assert.equal(read(written), undefined, written);
  }
});

Deno.test("readAddresses() makes doubled slashes one", () => {
  assert.deepEqual(whereOf("http://e:8761//eureka//"), ["http://e:8761", "/eureka"]);
  assert.deepEqual(whereOf("http://e:8761//"), ["http://e:8761", undefined]);
});
