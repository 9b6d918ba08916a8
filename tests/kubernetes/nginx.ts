/** A real nginx, of Debian's package, for images without a package manager. */

import { findLibraries } from "../../scripts/libraries.ts";
import { runTool } from "../../scripts/tool.ts";

/** How long it takes to answer `/slow`, seconds. */
const SLOW_SECONDS = 8;
export const SLOW_BYTES: number = SLOW_SECONDS * 20 * 1024;

const CONFIG = `
user root;
pid /run/nginx.pid;
error_log stderr notice;
worker_processes 1;
events {}
http {
  access_log off;
  # Quitting, nginx 1.22.1 closes kept connections at once, but waits this long (by default 60 s) for
  # a first request on a new one; pools of callers open some to spare.
  client_header_timeout 2s;
  server {
    listen 8080;
    root /www;
    location = /slow { limit_rate 20k; }
  }
}
`;

/**
 * Puts nginx into a root: its program by `apt-get download`, its libraries from this machine, which
 * must be a Debian of the same release.
 */
export async function putNginx(root: string): Promise<void> {
  const download = Deno.makeTempDirSync({ prefix: "service-offline-nginx-" });
  try {
    // The user _apt may not write the folder, says a warning otherwise.
    await runTool("apt-get", ["-o", "APT::Sandbox::User=root", "download", "nginx"], {
      cwd: download,
    });
    const [{ name } = { name: "" }] = Deno.readDirSync(download);
    await runTool("dpkg-deb", ["-x", `${download}/${name}`, root]);
  } finally {
    Deno.removeSync(download, { recursive: true });
  }
  const { loader, files } = findLibraries(`${root}/usr/sbin/nginx`);
  const folder = (path: string) => Deno.mkdirSync(`${root}${path}`, { recursive: true });
  for (const path of ["/lib", "/lib64", "/etc/nginx", "/run", "/var/lib/nginx", "/var/log/nginx"]) {
    folder(path);
  }
  for (const [name, file] of files) {
    Deno.copyFileSync(file, `${root}/${name === loader ? "lib64" : "lib"}/${name}`);
  }
  folder("/www");
  Deno.writeTextFileSync(`${root}/www/index.html`, "nginx\n");
  Deno.writeTextFileSync(`${root}/www/slow`, "x".repeat(SLOW_BYTES));
  Deno.writeTextFileSync(`${root}/etc/group`, "root:x:0:\n");
  Deno.writeTextFileSync(`${root}/etc/nginx/nginx.conf`, CONFIG);
  // On PATH, as the articles' hook has it.
  folder("/usr/local/bin");
  Deno.symlinkSync("/opt/service-offline/service-offline", `${root}/usr/local/bin/service-offline`);
}
