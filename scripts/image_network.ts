/**
 * What a build in a container gets of this machine's way to its registries: nothing of it is inside.
 *
 * @module
 */

import { REPOSITORY } from "./places.ts";
import { networkEnvironment, npmrcs, type Surroundings } from "./reproducible.ts";

const CERTIFICATES = ["NODE_EXTRA_CA_CERTS", "DENO_CERT", "SSL_CERT_FILE"];
/** Builders know the proxies without an ARG in the Dockerfile. */
const BUILD_ARG = /^NPM_CONFIG_REGISTRY$|_PROXY$/i;

/** What is handed over. */
export interface HandedOver {
  /** The values of `--build-arg`. */
  readonly buildArgs: readonly string[];
  /** An `.npmrc` with tokens, to be a file for the time of the build. */
  readonly npmrc: string | undefined;
  /** A file of certificates. */
  readonly ca: string | undefined;
}

/** Proxies, the `.npmrc` of the user and of the project, the certificates that this machine trusts. */
export function handedOver(from: Surroundings): HandedOver {
  const env = networkEnvironment(from, REPOSITORY);
  // The project's last: of two lines the later one counts.
  const text = npmrcs(from, REPOSITORY).join("\n");
  const trusted = CERTIFICATES.flatMap((name) => env[name] ?? [])[0];
  return {
    buildArgs: Object.entries(env).filter(([name]) => BUILD_ARG.test(name))
      .map(([name, value]) => `${name}=${value}`),
    npmrc: text === "" ? undefined : filled(text, from.env),
    ca: trusted ?? cafileOf(text),
  };
}

/** An `.npmrc` with `${NAME}` as npm fills it in: in the container there is no such variable. */
function filled(npmrc: string, env: Readonly<Record<string, string>>): string {
  return npmrc.replaceAll(
    /\$\{([^}?]+)(\?)?\}/g,
    (whole, name, optional) => env[name] ?? (optional ? "" : whole),
  );
}

function cafileOf(npmrc: string): string | undefined {
  return /^\s*cafile\s*=\s*"?(.+?)"?\s*$/m.exec(npmrc)?.[1];
}
