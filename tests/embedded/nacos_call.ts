/** One request to the stand-in, read. */

/** A request, and its parameters from wherever they came. */
export interface NacosCall {
  readonly method: string;
  readonly fullPath: string;
  /** Without the context path: `/v1/ns/instance`. */
  readonly path: string;
  /** Query and form in one, the query first, as a servlet container does it. */
  readonly params: URLSearchParams;
  readonly headers: Headers;
}

/**
 * Reads the parameters of a request: query, urlencoded form or multipart form (the article's script
 * sends `curl --form`, which 2.2.4 takes for POST and PUT).
 */
export async function readParams(req: Request): Promise<URLSearchParams> {
  const params = new URL(req.url).searchParams;
  const type = req.headers.get("content-type") ?? "";
  if (/^(application\/x-www-form-urlencoded|multipart\/form-data)\b/.test(type)) {
    const form = await req.formData();
    for (const [name, value] of form) {
      if (typeof value === "string") params.append(name, value);
    }
  }
  return params;
}

/**
 * The same request, to be read once more. Not `req.clone()`: that touches `req.signal`, and
 * `Deno.serve` then prints a warning.
 */
export function sameRequest(req: Request, body: Uint8Array<ArrayBuffer>): Request {
  const { url, method, headers } = req;
  const init: RequestInit = { method, headers };
  if (body.length > 0 && method !== "GET" && method !== "HEAD") init.body = body;
  return new Request(url, init);
}
