import { json } from "./body.ts";
import { oneLine, shortened } from "../plain.ts";
import type { Secrets } from "../secrets.ts";

/** An answer. */
export interface HttpAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The body as text. */
  readonly body: string;
  /** Whether the body was longer than it may be: this is its beginning. */
  readonly isCut?: boolean;
  /** The beginning of the body as it may be shown: one line, without secrets; undefined for nothing. */
  readonly excerpt: string | undefined;
  /** The request in words, without its parameters: `GET http://nacos:8848/nacos/v1/ns/instance`. */
  readonly request: string;
}

/** How much of an answer an error message shows, characters. */
const MAX_EXCERPT = 200;

/** How much of it is looked through for secrets; more than is shown, whatever white space is in it. */
const MAX_MASKED = 4_000;

/**
 * An answer in words for an error message: the status and the beginning of the body.
 */
export function describeAnswer({ request, status, body, excerpt, isCut }: HttpAnswer): string {
  const size = isCut
    ? " with a body that is too long"
    : !excerpt && !body.trim()
    ? " with no body"
    : "";
  return `${request} answered ${status}${size}${excerpt ? `: ${excerpt}` : ""}`;
}

/**
 * The part of an answer that may be shown.
 *
 * @param location where it redirects to: following that would carry the token to whoever stands
 * there, and registries send none
 * @param isSecret whether the body, and the parameters of the location, are not shown
 */
export function excerptOf(
  body: string,
  location: string | undefined,
  isSecret: boolean,
  secrets: Secrets,
): string | undefined {
  // Masked once JSON is decoded, and before it is cut: a part of a secret may be left.
  const excerpt = (text: string) => {
    const masked = secrets.mask(text.replaceAll(/\s{9,}/g, " ").slice(0, MAX_MASKED));
    return shortened(oneLine(masked).trim().replaceAll(/\s+/g, " "), MAX_EXCERPT);
  };
  if (location === undefined) return isSecret ? undefined : excerpt(textOf(body));
  return `a redirect to ${excerpt(isSecret ? location.replace(/[?#].*/s, "") : location)}`;
}

/** What an answer says; of a JSON object what it says for people, where it does. */
function textOf(body: string): string {
  // Spring's own errors have `error`, and a time, with which no two would be alike.
  const { message, error, data } = Object(json(body));
  if (typeof message !== "string") return typeof error === "string" ? error : body;
  return typeof data === "string" ? `${message}: ${data}` : message;
}
