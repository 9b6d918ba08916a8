/**
 * Plain HTTP to a Nacos server, for tests: its own small client, so that a test does not judge the
 * program by the program's own code.
 *
 * @module
 */

import { request as httpRequest } from "node:http";
import type { Credentials, NacosUnderTest } from "./nacos_under_test.ts";

/** What may come with a request. */
export interface NacosRequestOptions {
  /** Parameters of the URL. */
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as a form; the place for secrets, since access logs have the URL. */
  readonly form?: Readonly<Record<string, string>>;
  /** Goes into the `Authorization` header. */
  readonly token?: string | undefined;
  /**
   * How long the whole answer may take.
   *
   * @default {10_000}
   */
  readonly timeoutMs?: number;
}

/** An answer, whatever its status. */
export interface NacosAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The whole body as text. */
  readonly body: string;
}

/**
 * Sends one request. `node:http` instead of `fetch`, because that one obeys HTTP_PROXY even for
 * 127.0.0.1.
 *
 * @param rootUrl with the context path: `http://127.0.0.1:8848/nacos`
 * @param path begins with a slash
 * @throws {Error} no answer, or a broken one
 */
export function nacosRequest(
  rootUrl: string,
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  options: NacosRequestOptions = {},
): Promise<NacosAnswer> {
  const words = `${method} ${rootUrl}${path}`;
  const query = options.query ? `?${new URLSearchParams(options.query)}` : "";
  const form = options.form && new URLSearchParams(options.form).toString();
  const timeoutMs = options.timeoutMs ?? 10_000;
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new Error(`${words}: ${why}`));
    };
    const outgoing = httpRequest(rootUrl + path + query, {
      method,
      agent: false,
      headers: {
        connection: "close",
        ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
        ...(form === undefined ? {} : {
          "content-type": "application/x-www-form-urlencoded",
          "content-length": String(new TextEncoder().encode(form).length),
        }),
      },
    }, (incoming) => {
      let body = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => body += chunk);
      incoming.on("error", (error: Error) => fail(error.message));
      incoming.on("end", () => {
        clearTimeout(timer);
        resolve({ status: incoming.statusCode ?? 0, body });
      });
    });
    const timer = setTimeout(() => {
      fail(`no answer within ${timeoutMs} ms`);
      outgoing.destroy();
    }, timeoutMs);
    outgoing.on("error", (error: Error) => fail(error.message));
    outgoing.end(form);
  });
}

/**
 * Logs in by the path that every generation up to 3.1 has.
 *
 * @returns the token, or undefined where the server refuses
 */
export async function nacosLogin(
  server: Pick<NacosUnderTest, "rootUrl" | "generation">,
  credentials: Credentials,
): Promise<string | undefined> {
  const path = server.generation === "3.2" ? "/v3/auth/user/login" : "/v1/auth/users/login";
  try {
    const answer = await nacosRequest(server.rootUrl, "POST", path, { form: { ...credentials } });
    if (answer.status !== 200) return undefined;
    const body: unknown = JSON.parse(answer.body);
    const token = (body as { accessToken?: unknown } | null)?.accessToken;
    return typeof token === "string" ? token : undefined;
  } catch {
    // 2.2.4 answers a wrong password, and with auth off any, with `HTTP/1.1 0`, which is no HTTP.
    return undefined;
  }
}

/** Where an instance is. */
export interface InstanceAt {
  /** Without its group. */
  readonly serviceName: string;
  /**
   * Its group.
   *
   * @default {"DEFAULT_GROUP"}
   */
  readonly groupName?: string;
  /**
   * Its namespace.
   *
   * @default {"public"}
   */
  readonly namespaceId?: string;
  /** Its address as registered. */
  readonly ip: string;
  /** Its port as registered. */
  readonly port: number;
}

/**
 * Takes an instance out of service, or puts it back, by the partial update of the server's
 * generation. The weight goes along because 2.x and 3.1 set an omitted one to 1.0.
 *
 * @throws {Error} the server refused
 */
export async function patchEnabled(
  server: NacosUnderTest,
  at: InstanceAt,
  enabled: boolean,
  weight: number,
  credentials: Credentials | undefined = server.admin,
): Promise<void> {
  const token = credentials && await nacosLogin(server, credentials);
  const query = {
    serviceName: at.serviceName,
    groupName: at.groupName ?? "DEFAULT_GROUP",
    namespaceId: at.namespaceId ?? "public",
    ip: at.ip,
    port: String(at.port),
    enabled: String(enabled),
    weight: String(weight),
  };
  const v3 = server.generation.startsWith("3");
  const [method, path] = v3
    ? ["PUT" as const, "/v3/admin/ns/instance/partial"]
    : ["PATCH" as const, "/v1/ns/instance"];
  const answer = await nacosRequest(server.rootUrl, method, path, { query, token });
  const good = answer.status === 200 && (!v3 || answer.body.includes('"code":0'));
  if (!good) {
    throw new Error(`${method} ${server.rootUrl}${path}: ${answer.status} ${answer.body}`);
  }
}
