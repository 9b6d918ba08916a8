import { type Clock, timeout } from "../clock.ts";
import type { Endpoint, HttpAnswer, HttpRequest } from "./endpoint.ts";
import { UnreachableError } from "../errors.ts";

/**
 * How long a request may be open before it is sent once more, milliseconds, plus half as much again
 * by chance; twice as long for each further one.
 *
 * A request that nobody answers any more (a server that died behind the address of a Service, a lost
 * conntrack entry) looks like one that a busy server has not come to yet, so the old one stays open.
 * With 500 hooks at once on a Nacos 3.1.0 with two cores the last answers came after half a minute.
 */
const HEDGE_MS = 5_000;
/** The same for what costs the server much: a login at Nacos 60 to 78 ms of its processor. */
const COSTLY_HEDGE_MS = 10_000;
/** A server that answers a cheap question so soon has no queue in which a login could wait. */
const NO_QUEUE_MS = 1_000;

/**
 * A server whose requests are hedged: what is not answered is asked anew on another connection,
 * beside the old one. All of a registry's requests may arrive twice without harm.
 *
 * @param queueTest of a server for which every request costs much, see {@linkcode HttpRequest}
 */
export function hedged(endpoint: Endpoint, clock: Clock, queueTest?: HttpRequest): Endpoint {
  return {
    root: endpoint.root,
    connect: endpoint.connect,
    request: (request, signal) =>
      hedge(endpoint, { ...queueTest && { queueTest }, ...request }, clock, signal),
  };
}

async function hedge(
  endpoint: Endpoint,
  request: HttpRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const over = new AbortController();
  const stop = () => over.abort();
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  const outcome = Promise.withResolvers<HttpAnswer>();
  let open = 0;
  const send = (one: HttpRequest) => {
    open++;
    endpoint.request(one, over.signal).then(outcome.resolve, (error) => {
      // One that fails says nothing about another that is still open.
      if (--open === 0) outcome.reject(error);
    });
  };
  let isAlone = true;
  let cancel = () => {};
  const askAnewAfter = (ms: number) => {
    cancel = clock.after(ms * (1 + Math.random() / 2), async () => {
      isAlone = false;
      try {
        const isAllowed = await mayAskAnew(endpoint, request.queueTest, clock, over.signal);
        if (over.signal.aborted) return;
        if (isAllowed) send({ ...request, fresh: true });
        askAnewAfter(ms * 2);
      } catch (error) {
        outcome.reject(error);
      }
    });
  };
  send(request);
  askAnewAfter(request.queueTest ? COSTLY_HEDGE_MS : HEDGE_MS);
  try {
    return await outcome.promise;
  } finally {
    cancel();
    signal.removeEventListener("abort", stop);
    if (!isAlone) stop();
  }
}

/** Whether a server takes a connection and, where that is asked for, has no queue. */
async function mayAskAnew(
  endpoint: Endpoint,
  queueTest: HttpRequest | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    // Another address of the name may live.
    await endpoint.connect(signal);
    if (!queueTest) return true;
    using limit = timeout(clock, NO_QUEUE_MS, signal);
    await endpoint.request({ ...queueTest, fresh: true }, limit.signal);
    return true;
  } catch (error) {
    if (error instanceof UnreachableError) return false;
    throw error;
  }
}
