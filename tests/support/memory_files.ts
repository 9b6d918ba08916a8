/** Files in memory, as the settings see a disk. */

import type { Files } from "../../src/settings/files/disk.ts";

/** @param files by path from the working folder; of a text that is undefined nobody may read it */
export function filesOf(files: Readonly<Record<string, string | undefined>>): Files {
  const at = (path: string) => path.replace(/^(?:\.\/)+/, "").replace(/^\.$/, "");
  const fail = (name: string, why: string, call: string, path: string): never => {
    throw Object.assign(new Error(`${why}: ${call} '${path}'`), { name });
  };
  return {
    readFile(path) {
      if (!(at(path) in files)) {
        fail("NotFound", "No such file or directory (os error 2)", "readfile", path);
      }
      return files[at(path)] ??
        fail("PermissionDenied", "Permission denied (os error 13)", "readfile", path);
    },
    list(path) {
      const folder = at(path.endsWith("/") || path === "." ? path : `${path}/`);
      const inside = Object.keys(files).filter((one) => one.startsWith(folder))
        .map((one) => one.slice(folder.length).split("/")[0] ?? "");
      if (inside.length === 0 && folder !== "") {
        const isFile = at(path).replace(/\/$/, "") in files;
        fail(isFile ? "NotADirectory" : "NotFound", "No such folder (os error 2)", "readdir", path);
      }
      return [...new Set(inside)];
    },
  };
}
