#!/usr/bin/env node
/*
 * service-offline as an npm package: starts the program, or builds the kit, on the executable of the
 * npm package `deno`. Without TypeScript and without a package of its own, since Node starts it.
 */
"use strict";

const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const { createRequire } = require("node:module");
const { constants } = require("node:os");
const { dirname, join } = require("node:path");

const root = dirname(__dirname);
const [command, ...rest] = process.argv.slice(2);

/** The executable, without Deno's own start script: that one would not pass signals on. */
function denoExecutable() {
  const { platform, arch } = process;
  const name = platform === "linux" ? `linux-${arch}-glibc` : `${platform}-${arch}`;
  const fromDeno = createRequire(require.resolve("deno/package.json"));
  const folder = dirname(fromDeno.resolve(`@deno/${name}/package.json`));
  return join(folder, platform === "win32" ? "deno.exe" : "deno");
}

/**
 * The environment without what Deno or glibc would obey (scripts/wrappers/clean_env.sh, launcher.sh),
 * and with a HOME in which there is no .npmrc: one that names an unset variable ends Deno 2.9.6.
 */
function programEnvironment() {
  const foreign = /^(DENO_|NODE_|OTEL_|LD_|MALLOC_|GLIBC_TUNABLES$|RUST_LOG$|TMPDIR$)/;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return {
    ...Object.fromEntries(own),
    DENO_NO_UPDATE_CHECK: "1",
    DENO_DIR: "/dev/null",
    DENO_LOG: "error,deno::cache=off",
    HOME: root,
  };
}

/** What is run: arguments of deno, and the environment. */
function task() {
  const { kit, program } = require(join(root, "arguments.json"));
  if (command === "kit") {
    return {
      args: [...kit, join(root, "scripts", "kit.mjs"), ...rest],
      env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
    };
  }
  const args = [...program, join(root, "service-offline.mjs"), ...process.argv.slice(2)];
  return { args, env: programEnvironment() };
}

function fail(why) {
  console.error(`service-offline cannot start: ${why}`);
  process.exit(71);
}

let executable = "";
try {
  executable = denoExecutable();
} catch (error) {
  fail(
    `npm has installed no deno for ${process.platform} ${process.arch} (${error.message}). ` +
      "It is an optional dependency of the package deno; install without --omit=optional",
  );
}
const { args, env } = task();
const child = spawn(executable, args, { stdio: "inherit", env });
child.on("error", (error) => {
  const libc = existsSync(executable)
    ? "; where the file is there, this is a system without glibc (Alpine): take an image with glibc"
    : "";
  fail(`${executable}: ${error.message}${libc}`);
});
// The program decides how it ends; a terminal sends its signals to both.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("exit", (code, signal) => {
  if (code === 0 && (command === "--help" || command === "-h")) {
    console.log(
      "\nOf the npm package alone:\n" +
        "  kit [--out opt] [--target x86_64|aarch64]   build the kit for images, which is COPYed as /opt",
    );
  }
  process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
});
