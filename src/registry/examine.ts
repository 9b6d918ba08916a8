/** How `check` looks at one address of a registry. */

import { asServiceOfflineError, NotFoundError, RefusedError, UnreachableError } from "../errors.ts";
import type { Clock } from "../clock.ts";
import type { Connection } from "./connection.ts";

/** One thing that was looked at. */
export interface Finding {
  readonly about: "connection" | "certificate" | "server" | "login" | "read" | "write";
  /** Null where it cannot be told. */
  readonly ok: boolean | null;
  readonly text: string;
  /** The generation of the server's API: all servers of a cluster have the same. */
  readonly generation?: string;
}

/** What one configured address is like. */
export interface AddressFindings {
  /** A root URL. */
  readonly address: string;
  /** Each depends on those before it. */
  readonly findings: readonly Finding[];
}

/**
 * Connects to an address and looks at more of it. An error ends that and is the last finding.
 *
 * @param more what is looked at after that; its first answer proves the certificate
 */
export async function examine(
  server: Connection,
  more: AsyncIterable<Finding>,
  clock: Clock,
  signal: AbortSignal,
): Promise<AddressFindings> {
  const findings: Finding[] = [];
  const found = (about: Finding["about"], ok: boolean, text: string) =>
    findings.push({ about, ok, text });
  const isTls = server.root.startsWith("https:");
  try {
    const startedAt = clock.now();
    await server.connect(signal);
    found("connection", true, `${clock.now() - startedAt} ms, from ${server.ownAddress}`);
    for await (const finding of more) {
      if (isTls && findings.length === 1) found("certificate", true, "trusted");
      findings.push(finding);
    }
  } catch (thrown) {
    const { outcome, message } = asServiceOfflineError(thrown);
    const isCertificate = thrown instanceof UnreachableError && thrown.kind === "certificate";
    if (findings.length === 0) found("connection", false, message);
    else if (isCertificate) found("certificate", false, message);
    else found(outcome === "refused" ? "login" : "server", false, message);
  }
  return { address: server.root, findings };
}

/** Whether a request is allowed. One that does not find what it asks for was. */
export async function permission(
  about: "read" | "write",
  request: Promise<unknown>,
): Promise<Finding> {
  try {
    await request;
    if (about === "read") return { about, ok: true, text: "allowed" };
    return { about, ok: null, text: "the server took a write of nothing" };
  } catch (thrown) {
    if (thrown instanceof NotFoundError) return { about, ok: true, text: "allowed" };
    const { outcome, message } = asServiceOfflineError(thrown);
    if (outcome === "internal") throw thrown;
    if (thrown instanceof RefusedError) return { about, ok: false, text: message };
    return { about, ok: null, text: message };
  }
}
