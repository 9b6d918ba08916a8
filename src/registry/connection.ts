import type { Endpoint } from "../http/endpoint.ts";

/** The way to one server. */
export interface Connection {
  /** Its root URL. */
  readonly root: string;
  /** Our own address on the way there, once it is known. */
  readonly ownAddress: string | undefined;
  /**
   * Makes sure that somebody is there; returns at once where that is known already.
   *
   * @throws {UnreachableError}
   */
  connect(signal: AbortSignal): Promise<void>;
}

/** A connection for those who send its requests. */
export interface OwnConnection extends Connection {
  /** A request has failed: another address of the name may live. */
  lost(): void;
}

/** Makes the way to a server. */
export function createConnection(endpoint: Endpoint): OwnConnection {
  let connected = false;
  let ownAddress: string | undefined;
  return {
    root: endpoint.root,
    get ownAddress() {
      return ownAddress;
    },
    async connect(signal) {
      if (connected) return;
      ownAddress = await endpoint.connect(signal);
      connected = true;
    },
    lost: () => void (connected = false),
  };
}
