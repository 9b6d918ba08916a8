import { type Clock, onAbort, timeout } from "../clock.ts";
import type { Endpoint, HttpAnswer, HttpRequest } from "./endpoint.ts";
import { UnreachableError } from "../errors.ts";

/**
 * A request that is open for so long is sent once more, milliseconds, plus up to half as much by
 * chance; the time doubles with each repetition.
 *
 * A request that nobody answers any more (a server that died behind the address of a Service, a lost
 * conntrack entry) looks like one that waits in a busy server's queue, so the old one stays open.
 * With 500 hooks at once on a Nacos 3.1.0 with two cores the last answers came after half a minute.
 */
const HEDGE_MS = 5_000;
/** The same for a costly request: a login takes 60 to 78 ms of Nacos' processor. */
const COSTLY_HEDGE_MS = 10_000;
/** A server that answers a cheap request so soon has no queue. */
const NO_QUEUE_MS = 1_000;

/**
 * Hedges the requests to a server: one without an answer is repeated on a new connection, and the
 * first answer counts. All requests to registries may arrive twice without harm.
 *
 * @param queueTest for all requests to a server to which each costs much, see {@linkcode HttpRequest}
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
  using _ = onAbort(signal, stop);
  const outcome = Promise.withResolvers<HttpAnswer>();
  let open = 0;
  const send = (one: HttpRequest) => {
    open++;
    endpoint.request(one, over.signal).then(outcome.resolve, (error) => {
      // While another one is open, this failure says nothing.
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
    if (!isAlone) stop();
  }
}

/** Whether the server accepts a connection and passes the queue test. */
async function mayAskAnew(
  endpoint: Endpoint,
  queueTest: HttpRequest | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    // Behind the same name another address may live.
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
