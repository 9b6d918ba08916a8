/**
 * Hedged requests: what is not answered is asked anew on another connection, beside the old one.
 *
 * @module
 */

import { asServiceOfflineError } from "../errors.ts";
import { type Clock, timeout } from "../clock.ts";
import type { Endpoint, HttpAnswer, HttpRequest } from "./endpoint.ts";

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
 * A server whose requests are hedged. All of a registry's requests may arrive twice without harm.
 *
 * @param endpoint the server
 * @param clock measures how long a request is open
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
  const end = AbortSignal.any([signal, over.signal]);
  const outcome = Promise.withResolvers<HttpAnswer>();
  let open = 0;
  const send = (one: HttpRequest) => {
    open++;
    endpoint.request(one, end).then(outcome.resolve, (error) => {
      // One that fails says nothing about another that is still open.
      if (--open === 0) outcome.reject(error);
    });
  };
  send(request);
  askAnew().catch(outcome.reject);
  try {
    return await outcome.promise;
  } finally {
    over.abort();
  }

  async function askAnew(): Promise<void> {
    const firstMs = request.queueTest ? COSTLY_HEDGE_MS : HEDGE_MS;
    for (let pauseMs = firstMs;; pauseMs *= 2) {
      await clock.sleep(pauseMs * (1 + Math.random() / 2), end);
      if (end.aborted) return;
      try {
        // Another address of the name may live.
        await endpoint.connect(end);
        if (request.queueTest && !await answersAtOnce(request.queueTest)) continue;
      } catch (error) {
        if (asServiceOfflineError(error).outcome === "internal") throw error;
        continue;
      }
      if (!end.aborted) send({ ...request, fresh: true });
    }
  }

  async function answersAtOnce(question: HttpRequest): Promise<boolean> {
    using limit = timeout(clock, NO_QUEUE_MS, end);
    try {
      await endpoint.request({ ...question, fresh: true }, limit.signal);
      return true;
    } catch (error) {
      if (asServiceOfflineError(error).outcome === "internal") throw error;
      return false;
    }
  }
}
