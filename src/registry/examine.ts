/**
 * How `check` looks at one address of a registry: a list of findings, each good, bad or not to be
 * told.
 *
 * @module
 */

import { asServiceOfflineError, NotFoundError, RefusedError, UnreachableError } from "../errors.ts";
import type { Clock } from "../clock.ts";
import type { Connection } from "./connection.ts";

/** One thing that was looked at. */
export interface Finding {
  /** What it is about. */
  readonly about: "connection" | "certificate" | "server" | "login" | "read" | "write";
  /** Whether it is as it should be; null where that cannot be told. */
  readonly ok: boolean | null;
  /** What was found, in words. */
  readonly text: string;
  /** Of which generation the server is, where there are several: one cluster is of one. */
  readonly generation?: string;
}

/** What one configured address is like. */
export interface AddressFindings {
  /** Its root URL. */
  readonly address: string;
  /** In the order in which one depends on the other. */
  readonly findings: readonly Finding[];
}

/**
 * Connects to an address and goes on from there; what goes wrong ends it and is the last finding.
 *
 * @param server the address
 * @param more what is looked at once there is a connection; its first answer proves the certificate
 * @param clock measures the connection
 * @param signal ends all of it
 */
export async function examine(
  server: Omit<Connection, "lost">,
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

/**
 * Whether a request is allowed. Not to find what was asked for means that it is.
 *
 * @param about what the request does
 * @param request under way
 */
export async function permission(
  about: "read" | "write",
  request: Promise<unknown>,
): Promise<Finding> {
  try {
    await request;
    if (about === "read") return { about, ok: true, text: "allowed" };
    return { about, ok: null, text: "not verifiable: a write to nothing was taken" };
  } catch (thrown) {
    if (thrown instanceof NotFoundError) return { about, ok: true, text: "allowed" };
    const { outcome, message } = asServiceOfflineError(thrown);
    if (outcome === "internal") throw thrown;
    if (thrown instanceof RefusedError) return { about, ok: false, text: message };
    return { about, ok: null, text: `not verifiable: ${message}` };
  }
}
