/** Kits for another architecture, and on other distributions than Debian. */

import assert from "node:assert/strict";
import { readElf } from "../../scripts/elf.ts";
import { installKit } from "../../scripts/kit_place.ts";
import { findLibraries } from "../../scripts/libraries.ts";
import { distribution } from "../../scripts/machine.ts";
import { filesIn } from "../../scripts/tree.ts";
import { makeClone, ownWay } from "./clone.ts";

const other = Deno.build.arch === "x86_64" ? "aarch64" : "x86_64";

Deno.test("a kit for the other architecture has that one's deno and libraries", async () => {
  using clone = await makeClone();
  const words = ["kit", "--base", "deno", "--target", other];
  const { code, text } = await clone.task(words, await ownWay());
  if (code !== 0 && !distribution().startsWith("Debian")) {
    // Ubuntu's sources may name one architecture alone.
    assert.match(text, /Cannot get the libraries for \w+ on /);
    return;
  }
  assert.equal(code, 0, text);
  assert.match(text, new RegExp(`It was NOT run: it is for ${other}`));
  const kit = `${clone.project}/dist/opt/service-offline`;
  const libraries = filesIn(`${kit}/lib`);
  for (const name of ["deno", ...libraries.map((name) => `lib/${name}`)]) {
    const { arch, needed } = readElf(`${kit}/${name}`);
    assert.equal(arch, other, name);
    for (const one of needed) assert.ok(libraries.includes(one), `${name} needs ${one}`);
  }
  assert.match(Deno.readTextFileSync(`${kit}/VERSION`), new RegExp(`\n${other} linux, base deno,`));
  const [loader = ""] = JSON.parse(Deno.readTextFileSync(`${kit}/exec-form.json`));
  assert.ok(libraries.includes(loader.split("/").at(-1) ?? ""), loader);
});

/** A root of this name, laid out as those of Fedora, RHEL and SUSE are. */
function inRoot(name: string, test: (root: string) => void): void {
  const root = Deno.makeTempDirSync();
  try {
    for (const folder of ["lib64", "etc"]) Deno.mkdirSync(`${root}/${folder}`);
    Deno.writeTextFileSync(`${root}/etc/os-release`, `ID=x\nPRETTY_NAME="${name}"\n`);
    for (const [name, path] of findLibraries(Deno.execPath()).files) {
      Deno.copyFileSync(path, `${root}/lib64/${name}`);
    }
    test(root);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

Deno.test("the libraries of a distribution with /lib64 do", () =>
  inRoot("Fedora Linux 43 (Container Image)", (root) => {
    const { files, glibc } = findLibraries(Deno.execPath(), root);
    assert.equal(files.get("libc.so.6"), `${root}/lib64/libc.so.6`);
    assert.equal(glibc, findLibraries(Deno.execPath()).glibc);
    assert.equal(distribution(root), "Fedora Linux 43 (Container Image)");
  }));

Deno.test("a distribution that will not do is named, and where it would work", () =>
  inRoot("CentOS Linux 8", (root) => {
    const libc = `${root}/lib64/libc.so.6`;
    // The version that its C library says it is.
    const bytes = new TextDecoder("latin1").decode(Deno.readFileSync(libc))
      .replace(/(GNU C Library [^\n]*version )\d\.\d\d/, "$12.28");
    Deno.writeFileSync(libc, Uint8Array.from(bytes, (letter) => letter.charCodeAt(0)));
    assert.throws(
      () => findLibraries(Deno.execPath(), root),
      /Cannot build the kit on CentOS Linux 8: its glibc is 2\.28\.\n.*glibc 2\.34 or later\n\(Debian 12/s,
    );
    Deno.removeSync(libc);
    assert.throws(
      () => findLibraries(Deno.execPath(), root),
      /Cannot build the kit on CentOS Linux 8: there is no libc\.so\.6 for /,
    );
  }));

Deno.test("kit:install leaves nothing of an older kit, and everything of others", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const write = (path: string) => {
      Deno.mkdirSync(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      Deno.writeTextFileSync(`${folder}/${path}`, "");
    };
    const kit = (age: string) => [
      `service_${age}.sh`,
      ...["VERSION", `lib/${age}`, `service_${age}.sh`].map((name) => `service-offline/${name}`),
    ];
    for (const name of kit("new")) write(`dist/${name}`);
    for (const name of [...kit("old"), "other/file", "service_of_others.sh"]) write(`opt/${name}`);
    await installKit(`${folder}/dist`, `${folder}/opt`);
    assert.deepEqual(filesIn(`${folder}/opt`), [
      "other/file",
      "service-offline/VERSION",
      "service-offline/lib/new",
      "service-offline/service_new.sh",
      "service_new.sh",
      "service_of_others.sh",
    ]);
    assert.equal(filesIn(`${folder}/dist`).length, 4, "it is a copy");
    // Somebody's clone, for example.
    write("home/service-offline/deno.json");
    await assert.rejects(installKit(`${folder}/dist`, `${folder}/home`), /is there and is no kit/);
    assert.deepEqual(filesIn(`${folder}/home`), ["service-offline/deno.json"]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
