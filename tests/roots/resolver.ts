/** A DNS server as a cluster has it: a few names, and "no such name" for all others. */

import { createSocket } from "node:dgram";

interface Resolver extends AsyncDisposable {
  readonly asked: string[];
  /** An /etc/resolv.conf as a pod in the namespace `kevin` has. */
  readonly resolvConf: string;
}

// Port 53 is fixed, so it takes an address of the loopback network that nothing else has.
const ADDRESS = "127.77.0.53";

/** Starts a server; needs the right to listen on port 53. */
export async function startResolver(names: Readonly<Record<string, string>>): Promise<Resolver> {
  const asked: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    const { name, type, end } = question(query);
    asked.push(name);
    const address = names[name];
    const answers = address !== undefined && type === 1 ? 1 : 0;
    // Id and question of the query; a recursive answer, "no such name" where there is none.
    const head = header(query, { rcode: address === undefined ? 3 : 0, answers });
    const answer = answers === 0 ? [] : [
      // The name as in the question, type A, class IN, 5 s, 4 bytes.
      ...[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4],
      ...(address ?? "").split(".").map(Number),
    ];
    const reply = new Uint8Array([...head, ...query.subarray(12, end), ...answer]);
    socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(53, ADDRESS, resolve);
  });
  return {
    asked,
    resolvConf: `nameserver ${ADDRESS}
search kevin.svc.cluster.local svc.cluster.local cluster.local
options ndots:5
`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => void socket.close(() => resolve())),
  };
}

function question(query: Uint8Array): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(new TextDecoder().decode(query.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return { name: labels.join("."), type: query[at + 2] ?? 0, end: at + 5 };
}

function header(query: Uint8Array, to: { rcode: number; answers: number }): number[] {
  const [high = 0, low = 0] = query;
  return [high, low, 0x81, 0x80 | to.rcode, 0, 1, 0, to.answers, 0, 0, 0, 0];
}
