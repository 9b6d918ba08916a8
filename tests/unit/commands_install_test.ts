import assert from "node:assert/strict";
import { type Folders, install } from "../../src/commands/install.ts";

/** Folders in memory; a path with null is a folder. */
function createFolders(
  entries: Record<string, string | null>,
  isMount: boolean | undefined = true,
) {
  const all = new Map(Object.entries(entries));
  const parent = (path: string) => path.slice(0, path.lastIndexOf("/"));
  const folders: Folders = {
    list(path) {
      if (all.get(path) !== null) throw new Error(`No such file or directory: readdir '${path}'`);
      return [...all].filter(([name]) => parent(name) === path).map(([name, text]) => ({
        name: name.slice(path.length + 1),
        isDirectory: text === null,
        isSymlink: text?.startsWith("-> ") === true,
      }));
    },
    makeFolder(path) {
      if (typeof all.get(path) === "string") throw new Error(`File exists: mkdir '${path}'`);
      all.set(path, null);
    },
    copyFile(from, to) {
      if (all.get(parent(to)) !== null) throw new Error(`No such file or directory: copy '${to}'`);
      all.set(to, all.get(from) ?? "");
    },
    rename(from, to) {
      all.set(to, all.get(from) ?? "");
      all.delete(from);
    },
    remove: (path) => void all.delete(path),
    isMount: () => isMount,
  };
  return { all, folders };
}

const KIT = {
  "/opt/service-offline": null,
  "/opt/service-offline/service-offline": "executable",
  "/opt/service-offline/lib": null,
  "/opt/service-offline/lib/libc.so.6": "library",
};

const targetOf = (all: ReadonlyMap<string, string | null>) =>
  Object.fromEntries([...all].filter(([path]) => path.startsWith("/target/")));

Deno.test("install copies the kit with its folders and leaves nothing else behind", () => {
  const { all, folders } = createFolders(KIT);
  for (let run = 0; run < 2; run++) {
    const { outcome, parts } = install(folders);
    assert.equal(outcome, "done");
    assert.match(parts.join(), /2 files .*\/target; mount that volume at \/opt\/service-offline/);
    assert.deepEqual(targetOf(all), {
      "/target/service-offline": "executable",
      "/target/lib": null,
      "/target/lib/libc.so.6": "library",
    });
  }
});

Deno.test("install puts a newer kit over an older one", () => {
  const { all, folders } = createFolders({
    ...KIT,
    "/target": null,
    "/target/service-offline": "older",
  });
  assert.equal(install(folders).outcome, "done");
  assert.equal(all.get("/target/service-offline"), "executable");
});

Deno.test("install puts a folder where an older kit, or who ran it, has left a file", () => {
  const { all, folders } = createFolders({ ...KIT, "/target": null, "/target/lib": "a file" });
  assert.equal(install(folders).outcome, "done");
  assert.equal(all.get("/target/lib/libc.so.6"), "library");
});

Deno.test("install copies no link: Deno makes one where root runs it", () => {
  const link = "/opt/service-offline/lib/node";
  const { all, folders } = createFolders({ ...KIT, [link]: "-> /opt/service-offline/deno" });
  assert.equal(install(folders).outcome, "done");
  assert.equal(all.get("/target/lib/node"), undefined);
});

Deno.test("install says what is missing", () => {
  const { all, folders } = createFolders({});
  const { outcome, parts } = install(folders);
  assert.deepEqual([...all], []);
  assert.equal(outcome, "settings");
  assert.match(parts.join(), /Cannot copy .*No such file.*in the image of the kit.*\/target/);
});

Deno.test("install is no success where no volume is mounted", () => {
  const { all, folders } = createFolders(KIT, false);
  const { outcome, parts } = install(folders);
  assert.deepEqual(targetOf(all), {});
  assert.equal(outcome, "settings");
  assert.match(
    parts.join(),
    /Cannot copy .*no volume is mounted at \/target; .*mounted at \/target/,
  );
});

Deno.test("install says where it cannot tell whether a volume is mounted", () => {
  const { folders } = createFolders(KIT);
  const { outcome, parts } = install({ ...folders, isMount: () => undefined });
  assert.equal(outcome, "done");
  assert.match(parts.join("; "), /2 files .*; it cannot be told whether \/target is a volume/);
});

Deno.test("install says what has failed, not that there is nothing to clear away", () => {
  const { folders } = createFolders(KIT);
  const fail = (reason: string) => () => {
    throw new Error(reason);
  };
  const broken = { copyFile: fail("Permission denied"), remove: fail("No such file") };
  assert.match(install({ ...folders, ...broken }).parts.join(), /Permission denied/);
});

Deno.test("install leaves no part of a file on a volume that is full", () => {
  const { all, folders } = createFolders(KIT);
  const copyFile: Folders["copyFile"] = (_, to) => {
    all.set(to, "execu");
    throw new Error("No space left on device");
  };
  const { outcome, parts } = install({ ...folders, copyFile });
  assert.equal(outcome, "settings");
  assert.match(parts.join(), /No space left/);
  assert.deepEqual(targetOf(all), {});
});
