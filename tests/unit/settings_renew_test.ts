import assert from "node:assert/strict";
import { readSettings } from "../../src/settings/read.ts";
import { renew } from "../../src/settings/renew.ts";
import { anyText, password } from "../../src/settings/kinds.ts";

const TABLE = {
  user: { env: "USER_NAME", help: "", schema: anyText },
  secret: { env: "SECRET_FILE", help: "", schema: password, file: true },
} as const;

const env = { USER_NAME: "orders", SECRET_FILE: "/secret" };
const readWith = (file: string | undefined, given: Record<string, string> = env) =>
  readSettings(TABLE, {
    flags: {},
    env: (name) => given[name],
    readFile() {
      if (file === undefined) throw new Error("No such file or directory: stat '/secret'");
      return file;
    },
  });

Deno.test("renew() takes what the files hold now", () => {
  const { values, problems, kept } = renew(readWith("old"), readWith("new"));
  assert.deepEqual([values, problems, kept], [{ user: "orders", secret: "new" }, [], []]);
});

Deno.test("renew() keeps what was good and cannot be read any more, and says so", () => {
  for (const file of [undefined, ""]) {
    const { values, problems, kept } = renew(readWith("old"), readWith(file));
    assert.deepEqual([values, problems], [{ user: "orders", secret: "old" }, []]);
    assert.match(kept.join(), /SECRET_FILE.*; what was read at the start is used$/);
  }
});

Deno.test("renew() has the new problem where there was none that was good", () => {
  const { values, problems, kept } = renew(readWith(undefined), readWith(""));
  assert.deepEqual([values, kept], [{ user: "orders" }, []]);
  assert.match(problems.map(({ message }) => message).join(), /the file is empty/);
});

Deno.test("renew() takes what could not be read at the start", () => {
  const { values, problems } = renew(readWith(undefined), readWith("new"));
  assert.deepEqual([values, problems], [{ user: "orders", secret: "new" }, []]);
});
