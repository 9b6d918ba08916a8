import { fileURLToPath } from "node:url";

/** The path of a file of the folder `tls`. */
export function tlsFile(name: string): string {
  return fileURLToPath(new URL(`tls/${name}`, import.meta.url));
}

/** What a stand-in needs to serve https; `ca.pem` trusts it. */
export const TLS = {
  cert: Deno.readTextFileSync(tlsFile("server.pem")),
  key: Deno.readTextFileSync(tlsFile("server.key")),
};
