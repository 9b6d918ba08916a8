/**
 * `deno doc --lint` for the files that other folders import: those are read by people who do not
 * have the file before them. A member whose name says it all needs no docstring. Deno gets all files:
 * it takes a type for private where the file of that type is not among them.
 */

import { folderOf, imports } from "./imports.ts";

const all = await imports();
const across = all.filter(({ from, to }) => folderOf(from) !== folderOf(to));
const counted = new Set(across.map(({ to }) => `/src/${to}:`));
const files = [...new Set(all.map(({ to }) => `src/${to}`))];
const { code, stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...files],
  cwd: new URL("..", import.meta.url),
  env: { NO_COLOR: "1" },
}).output();
const report = new TextDecoder().decode(stderr);
// One error: its kind, then `--> /…/src/log.ts:12:3`, then the lines there.
const errors = report.split(/^(?=error)/m).filter((error) => error.startsWith("error["));
if (code !== 0 && errors.length === 0) throw new Error(report);
const isMember = (error: string) =>
  /^error\[missing-jsdoc\]/.test(error) && !/\| export /.test(error);
const counting = errors.filter((error) =>
  !isMember(error) && [...counted].some((path) => error.includes(path))
);
console.log(counting.join("") + `${counted.size} files, ${counting.length} errors`);
Deno.exit(counting.length > 0 ? 1 : 0);
