/** The shapes in which a Nacos server answers, each as measured. */

/** Ends the handling of a request with the answer it carries. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly response: Response;

  constructor(response: Response) {
    super(`refused with HTTP ${response.status}`);
    this.response = response;
  }
}

export function json(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": "application/json" },
  });
}

/** A plain text answer, as v1 gives it. */
export function text(body: string, status = 200): Response {
  return new Response(body, { status, headers: { "content-type": "text/plain;charset=UTF-8" } });
}

/** What v3 answers when all went well: `{code: 0, message, data}`. */
export function result(data: unknown): Response {
  return json({ code: 0, message: "success", data });
}

/** What v3 answers when not: a code of its own beside the HTTP status. */
export function failure(status: number, code: number, message: string, data: unknown): Response {
  return json({ code, message, data }, status);
}

/** HTTP 200 without type and body: v3 for metadata that it cannot read (3.1.0), nothing is changed. */
export function nothing(): Response {
  return new Response(null, { status: 200 });
}

/** What Spring answers for errors that reach no handler of Nacos: 403, 404, 410 and some 500. */
export function springError(path: string, status: number, message: string): Response {
  return json({
    timestamp: new Date().toISOString().replace("Z", "+00:00"),
    status,
    error: REASONS[status] ?? "Error",
    message,
    path,
  }, status);
}

/** What the parameter filter of 3.1.0 answers: no content type, a line end after the text. */
export function illegalParameter(name: string, why: string): Response {
  return new Response(new TextEncoder().encode(`Param '${name}' is illegal, ${why}.\r\n`), {
    status: 400,
    headers: { connection: "close" },
  });
}

const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  410: "Gone",
  500: "Internal Server Error",
  501: "Not Implemented",
};
