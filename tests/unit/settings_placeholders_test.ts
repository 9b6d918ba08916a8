import assert from "node:assert/strict";
import { fill } from "../../src/settings/placeholders.ts";

const ENV: Readonly<Record<string, string>> = {
  HOST: "eureka",
  PORT: "8761",
  URL: "http://${HOST}:${PORT}/eureka",
  NAME: "HOST",
  EMPTY: "",
  ROUND: "${ROUND}",
  A: "${B}",
  B: "${A:b}",
};
const fillFrom = (text: string) =>
  fill(text, (name) => name.startsWith("HIDDEN") ? { unknown: `hidden ${name}` } : ENV[name]);

Deno.test("fill() fills names and defaults, one in another, wherever they stand", () => {
  const filled: [text: string, result: string][] = [
    ["no placeholder", "no placeholder"],
    ["http://${HOST:localhost}:${PORT}/eureka/", "http://eureka:8761/eureka/"],
    ["${NONE:localhost}", "localhost"],
    ["${NONE:http://a:80/b}", "http://a:80/b"],
    ["${NONE:}", ""],
    ["${EMPTY:default}", ""],
    ["${URL}", "http://eureka:8761/eureka"],
    ["${NONE:${NONE2:${PORT}}}", "8761"],
    ["${${NAME}}", "eureka"],
    ["${HOST:${HIDDEN}}", "eureka"],
    ["${NONE:${HOST}:${PORT}}", "eureka:8761"],
    ["${NONE${EMPTY}:a}", "a"],
    ["a$b{c}", "a$b{c}"],
    ["${HOST", "${HOST"],
    ["$(HOST)", "$(HOST)"],
    ["${ HOST }", "eureka"],
  ];
  for (const [text, result] of filled) assert.equal(fillFrom(text), result, text);
});

Deno.test("fill() says which name has no value", () => {
  const unknown = (text: string) => (fillFrom(text) as { unknown: string }).unknown;
  assert.match(unknown("${NONE}"), /^\$\{NONE\} is not in the environment$/);
  assert.match(unknown("http://${HOST}:${NONE}/"), /NONE/);
  // Its default may not be what Spring takes.
  assert.equal(unknown("${HIDDEN:localhost}"), "hidden HIDDEN");
  assert.equal(unknown("${NONE:${HIDDEN}}"), "hidden HIDDEN");
  assert.match(unknown("${ROUND}"), /ROUND/);
  // What a name is made of may be a secret.
  assert.doesNotMatch(unknown("${X${HOST}}"), /eureka/);
  assert.doesNotMatch(unknown("${HIDDEN${HOST}:a}"), /eureka/);
});

Deno.test("fill() ends with names that lead to each other", () => {
  assert.equal(fillFrom("${A}"), "b");
});
