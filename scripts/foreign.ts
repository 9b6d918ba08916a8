/**
 * What a kit for another architecture than this machine's is built from: Debian's libraries, and the
 * `deno` of the npm package. Nothing of it is run here.
 *
 * @module
 */

import { DENO_VERSION, NPM_DENO } from "./deno_version.ts";
import type { Arch } from "./elf.ts";
import { distribution } from "./machine.ts";
import { REPOSITORY } from "./places.ts";
import { npmrcs, surroundings } from "./reproducible.ts";
import { runTool } from "./tool.ts";

/** What Debian calls an architecture. */
const DEBIAN: Readonly<Record<Arch, string>> = { x86_64: "amd64", aarch64: "arm64" };
/** The packages with the C library and libgcc_s. */
const PACKAGES = ["libc6", "libgcc-s1"];

/**
 * Downloads and unpacks the libraries by apt: from the sources of this machine, whose keys it checks,
 * and into a folder of its own, so that root is not needed and the machine stays as it is.
 *
 * @param folder an empty one
 * @returns the root in which `/lib` and `/usr/lib` are
 * @throws {Error} this is no Debian, or its sources do not have that architecture
 */
export async function debianLibraries(arch: Arch, folder: string): Promise<string> {
  const root = `${folder}/root`;
  for (const part of ["state/lists/partial", "cache/archives/partial", "root/etc"]) {
    Deno.mkdirSync(`${folder}/${part}`, { recursive: true });
  }
  Deno.writeTextFileSync(`${folder}/status`, "");
  const settings = [
    ...[`Dir::State=${folder}/state`, `Dir::State::status=${folder}/status`],
    ...[`Dir::Cache=${folder}/cache`, `APT::Architecture=${DEBIAN[arch]}`],
    `APT::Architectures=${DEBIAN[arch]}`,
    // A third of the download: translations, and icons for shops of software.
    ...["Acquire::Languages=none", "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false"],
    // Else root's downloads are made by another user, who cannot write here.
    `APT::Sandbox::User=${(await runTool("id", ["-un"])).trim()}`,
  ].flatMap((setting) => ["-o", setting]);
  try {
    await runTool("apt-get", [...settings, "update"], { ifMissing: "It is Debian's and Ubuntu's" });
    await runTool("apt-get", [...settings, "download", ...PACKAGES], { cwd: folder });
  } catch (error) {
    const machine = distribution();
    const why = error instanceof Error ? error.message : error;
    throw new Error(
      `Cannot get the libraries for ${arch} on ${machine}: ${why}
They are Debian's packages ${PACKAGES.join(" and ")} for ${DEBIAN[arch]}. Ubuntu has other
architectures on another host than x86_64, which its sources do not name; build this in a container of
Debian, or on a machine of that architecture.`,
    );
  }
  for (const { name } of [...Deno.readDirSync(folder)].filter(({ name }) => /\.deb$/.test(name))) {
    await runTool("dpkg-deb", ["-x", `${folder}/${name}`, root]);
  }
  Deno.writeTextFileSync(`${root}/etc/os-release`, `PRETTY_NAME="${distribution()}"\n`);
  return root;
}

/**
 * Downloads the `deno` of the npm package for an architecture, with the checksum it had when it was
 * measured.
 *
 * @param folder an empty one
 * @returns the executable
 */
export async function npmDeno(arch: Arch, folder: string): Promise<string> {
  const { name, cpu, integrity } = NPM_DENO[arch];
  const specifier = `npm:${name}@${DENO_VERSION}`;
  const write = (file: string, text: string) => Deno.writeTextFileSync(`${folder}/${file}`, text);
  write("deno.json", JSON.stringify({ nodeModulesDir: "auto", imports: { deno: specifier } }));
  const lock = {
    version: "5",
    specifiers: { [specifier]: DENO_VERSION },
    npm: { [`${name}@${DENO_VERSION}`]: { integrity, os: ["linux"], cpu: [cpu] } },
    workspace: { dependencies: [specifier] },
  };
  write("deno.lock", JSON.stringify(lock));
  write(".npmrc", npmrcs(surroundings(), REPOSITORY).join("\n"));
  await runTool(Deno.execPath(), ["install", "--frozen"], { cwd: folder });
  return `${folder}/node_modules/${name}/deno`;
}
