import { collectViews, type Views } from "./callers_views.ts";
import { type AskOptions, firstAnswer, type Node, type Question } from "./first_answer.ts";
import { NotFoundError } from "../errors.ts";

/** The addresses of one registry. */
export interface Pool<N extends Node> {
  /** All of them, as they are set. */
  readonly nodes: readonly N[];
  /** Their root URLs. */
  readonly addresses: readonly string[];
  /** The one that gave the last answer stands first. */
  readonly order: readonly N[];
  /** Asks them in this order, as {@linkcode firstAnswer} does. */
  ask<Answer>(
    question: Question<N, Answer>,
    signal: AbortSignal,
    options?: Pick<AskOptions, "absence">,
  ): Promise<Answer>;
  /**
   * Asks one address only; what is found remembers it, so that it alone is written.
   *
   * @returns undefined where nothing is found, or it is no address of the registry
   */
  askOnly<Answer extends object>(
    address: string,
    question: (node: N, signal: AbortSignal) => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<(Answer & { readonly only: N }) | undefined>;
  /** Asks all at the same time, as {@linkcode collectViews} does. */
  askAll<View>(
    question: (node: N, signal: AbortSignal) => Promise<View>,
    signal: AbortSignal,
  ): Promise<Views<View>>;
}

/**
 * Makes a pool.
 *
 * @param nodes the preferred one first
 */
export function createPool<N extends Node>(nodes: readonly N[], options: AskOptions): Pool<N> {
  let order = nodes;
  return {
    nodes,
    addresses: nodes.map(({ root }) => root),
    get order() {
      return order;
    },
    async ask(question, signal, more) {
      const { node, answer } = await firstAnswer(order, question, signal, { ...options, ...more });
      order = [node, ...nodes.filter((other) => other !== node)];
      return answer;
    },
    async askOnly(address, question, signal) {
      const only = nodes.find(({ root }) => root === address);
      if (only === undefined) return undefined;
      await only.connect(signal);
      const found = await orAbsent(question(only, signal));
      return found && { ...found, only };
    },
    askAll: (question, signal) =>
      collectViews(
        order.map((node) => async (s) => {
          await node.connect(s);
          return await question(node, s);
        }),
        options.clock,
        signal,
      ),
  };
}

/** What a question has found; undefined where the answer was that there is no such thing. */
export async function orAbsent<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
