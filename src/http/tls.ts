/**
 * What to change where TLS fails.
 *
 * @module
 */

/** By what rustls says (Deno 2.9.6), the first one that fits. */
const ADVICE: readonly (readonly [said: RegExp, advice: string])[] = [
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
  // Of TLS 1.3, of Java's, and of TLS 1.2, where it may mean something else.
  [
    /alert: (CertificateRequired|BadCertificate)/,
    "the server wants a client certificate, and this program has none: let it be optional there",
  ],
  [
    /alert: HandshakeFailure/,
    "the server wants a client certificate, which this program has not, or ciphers of old",
  ],
  [/alert: ProtocolVersion/, "the server has neither TLS 1.2 nor 1.3"],
  [/InvalidContentType/, "the server speaks no https there: http:// may be meant"],
];

/**
 * What to change, where TLS is what failed.
 *
 * @param reason as rustls gives it
 * @param hasCaFile whether CA_FILE is set
 */
export function tlsAdvice(reason: string, hasCaFile: boolean): string | undefined {
  if (/UnknownIssuer/.test(reason)) {
    return hasCaFile
      ? "none of the certificates in CA_FILE has signed the server's, or it leaves out those between"
      : "set CA_FILE to the certificate of who has signed the server's";
  }
  return ADVICE.find(([said]) => said.test(reason))?.[1];
}
