/**
 * `deno doc --lint`, of which this counts: what other folders import has a docstring, for it is read
 * by people who do not have its file before them. A member whose name says it all needs none, and
 * that a type of another file or of zod is "private" matters only to a package.
 */

import { folderOf, imports } from "./imports.ts";

const all = await imports();
const across = all.filter(({ from, to }) => folderOf(from) !== folderOf(to));
const files = [...new Set(across.map(({ to }) => `src/${to}`))];
const { code, stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...files],
  cwd: new URL("..", import.meta.url),
  env: { NO_COLOR: "1" },
}).output();
const report = new TextDecoder().decode(stderr);
// One error: its kind, then `--> /…/src/log.ts:12:3`, then the lines there.
const errors = report.split(/^(?=error)/m).filter((error) => error.startsWith("error["));
if (code !== 0 && errors.length === 0) throw new Error(report);
const missing = errors.filter((error) => /missing-jsdoc[^|]+\|[^|]+\| export /.test(error));
console.log(missing.join("") + `${files.length} files, ${missing.length} docstrings missing`);
Deno.exit(missing.length > 0 ? 1 : 0);
