import type { TlsOptions } from "./tls.ts";
import { type FailureKind, UnreachableError } from "../errors.ts";

/** Why no usable answer has come. */
interface Failure {
  /** In words. */
  readonly reason: string;
  /** What has failed, where somebody decides by it. */
  readonly kind?: FailureKind | undefined;
  /** What to change. */
  readonly advice?: string | undefined;
}

/** What rustls says (Deno 2.9.6) and what to change; the first one that fits. */
const TLS_ADVICE: readonly (readonly [said: RegExp, advice: string])[] = [
  [
    /not valid for name/,
    "write the address with a name that is in the server's certificate (subjectAltName)",
  ],
  [/: Expired/, "the server's certificate has expired, or the clock here is wrong"],
  [/: NotValidYet/, "the server's certificate is not valid yet, or the clock here is wrong"],
  [
    // `openssl req -x509` makes it so by itself; curl and Java take it, rustls takes none.
    /CaUsedAsEndEntity/,
    "the server's certificate is that of an authority (CA:TRUE), which curl takes and this program " +
    "cannot: make it with -addext basicConstraints=critical,CA:FALSE, or let an authority sign one",
  ],
  [/extended key usage/, "the server's certificate is not meant for a server (extendedKeyUsage)"],
  [/KeyMismatch/, "the key is not that of the certificate"],
  [/decode key|No keys found/, "the key cannot be read"],
  [/alert: ProtocolVersion/, "the server has neither TLS 1.2 nor 1.3"],
  [/InvalidContentType/, "the server does not speak https on this port: is http:// meant?"],
];

const SET_CLIENT = "set CLIENT_CERT_FILE and CLIENT_KEY_FILE";

/** What a server says to who has no client certificate. */
const CLIENT_ADVICE: typeof TLS_ADVICE = [
  // Of TLS 1.3, of Java's, and of TLS 1.2, where it may mean something else.
  [
    /alert: (CertificateRequired|BadCertificate)/,
    `the server wants a client certificate: ${SET_CLIENT}`,
  ],
  [
    /alert: HandshakeFailure/,
    `the server wants a client certificate (${SET_CLIENT}), or it has only old ciphers`,
  ],
];

const CLIENT = "the certificate of CLIENT_CERT_FILE";

/** What a server says to who has one that it does not take: OpenSSL 3, Java 17. */
const REFUSED_ADVICE: typeof TLS_ADVICE = [
  [/alert: CertificateExpired/, `${CLIENT} has expired`],
  [/alert: CertificateRevoked/, `${CLIENT} has been revoked`],
  [
    /alert: UnsupportedCertificate/,
    `${CLIENT} is not meant for a client (extendedKeyUsage)`,
  ],
  [
    /alert: (UnknownCA|CertificateUnknown|BadCertificate|CertificateRequired|AccessDenied|HandshakeFailure|DecryptError)/,
    `the server refuses ${CLIENT}: does it trust the authority that has signed it, and does the ` +
    "file have the intermediate ones?",
  ],
  // Node's server.
  [/close_notify/, `perhaps the server refuses ${CLIENT}`],
];

/**
 * Says why a connection or a request has failed. Deno's own errors have no code for it (2.9.6), so
 * their texts are read, here and nowhere else.
 *
 * @param error that was thrown
 * @param tls what the settings give
 */
export function failureOf(
  error: unknown,
  { caCerts, client }: Partial<TlsOptions> = {},
): Failure {
  if (error instanceof UnreachableError) return { reason: error.message, kind: error.kind };
  const reason = error instanceof Error ? error.message : String(error);
  if (/lookup address|dns error/i.test(reason)) {
    return { reason: `the host name cannot be resolved (${reason})` };
  }
  const isCertificate =
    /certificate|alert: (HandshakeFailure|UnknownCA|AccessDenied|DecryptError)/i;
  const kind = isCertificate.test(reason) ? "certificate" : undefined;
  if (!/UnknownIssuer/.test(reason)) {
    const known = [...client ? REFUSED_ADVICE : CLIENT_ADVICE, ...TLS_ADVICE];
    return { reason, kind, advice: known.find(([said]) => said.test(reason))?.[1] };
  }
  const advice = caCerts !== undefined
    ? "no certificate in CA_FILE has signed the server's, or CA_FILE lacks an intermediate one"
    : "set CA_FILE to the certificate of the authority that has signed the server's";
  return { reason, kind, advice };
}
