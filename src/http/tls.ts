import type { Log } from "../log.ts";

/** Shows who connects to a server that wants to know it by TLS. Both in PEM form. */
export interface ClientCertificate {
  readonly cert: string;
  /** Never sent, never shown. */
  readonly key: string;
}

/** Whom to trust by TLS, and who we are. */
export interface TlsOptions {
  /** Certificates (PEM) to trust for https besides the usual ones. */
  readonly caCerts: string | undefined;
  /** For a server that wants one. */
  readonly client?: ClientCertificate | undefined;
}

/** Puts both together; one without the other shows nothing. */
export function clientCertificateOf(
  cert: string | undefined,
  key: string | undefined,
  log: Log,
): ClientCertificate | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert !== undefined || key !== undefined) {
    const missing = cert === undefined
      ? "there is a key (CLIENT_KEY_FILE), but no certificate (CLIENT_CERT_FILE)"
      : "there is a certificate (CLIENT_CERT_FILE), but no key (CLIENT_KEY_FILE)";
    log.warn("no_client_certificate", `${missing}: connecting without a client certificate`);
  }
  return undefined;
}
