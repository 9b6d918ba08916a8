import { asServiceOfflineError } from "../errors.ts";

/** The answer to a question that need not be allowed, nor possible: then something stands for it. */
export function ifAllowed<Answer, Else>(
  answer: Promise<Answer>,
  otherwise: (why: string) => Else,
): Promise<Answer | Else> {
  return answer.catch((thrown) => {
    const { outcome, message } = asServiceOfflineError(thrown);
    if (outcome !== "refused" && outcome !== "settings") throw thrown;
    return otherwise(message);
  });
}

/** The answer to a question that may fail in whatever way: what cannot be seen does not hide the rest. */
export function ifAnswered<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  return answer.catch((thrown) => {
    if (asServiceOfflineError(thrown).outcome === "internal") throw thrown;
    return undefined;
  });
}
