/**
 * What an application, a caller and the article's script do with a Nacos server, over plain HTTP,
 * for tests on real servers and on the stand-in alike.
 */

import type { Credentials, NacosUnderTest } from "./nacos_under_test.ts";
import { keepRegistered, type RegisterOptions, type Registration } from "./registration.ts";

// `fetch` obeys HTTP_PROXY even for 127.0.0.1, where all servers under test are.
Deno.env.set("NO_PROXY", "*,0.0.0.0/0,::/0");

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Answer {
  readonly status: number;
  /** The content type, empty where there is none. */
  readonly type: string;
  readonly body: string;
}

export interface SendOptions {
  readonly query?: Readonly<Record<string, string>>;
  /** Goes into the body, urlencoded; as multipart if it is a FormData. */
  readonly form?: Readonly<Record<string, string>> | FormData;
  /** Goes into the `Authorization` header. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A service; what is omitted is the default of the server. */
interface TestService {
  readonly serviceName: string;
  readonly groupName?: string;
  readonly namespaceId?: string;
}

export interface TestInstance extends TestService {
  /** IPv4 or IPv6, as it is. */
  readonly ip: string;
  readonly port: number;
  readonly clusterName?: string;
  readonly weight?: number;
  /** Whether callers are to get it. @default {true} */
  readonly enabled?: boolean;
  /** Whether it goes with its application. @default {true} */
  readonly ephemeral?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface ListedInstance {
  /** IPv4 or IPv6, as it is. */
  readonly ip: string;
  readonly port: number;
  readonly weight: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly healthy: boolean;
}

/** An instance as the registry's own record has it. */
interface RecordedInstance extends ListedInstance {
  readonly enabled: boolean;
  readonly clusterName: string;
}

export async function send(
  server: Pick<NacosUnderTest, "rootUrl">,
  method: Method,
  path: string,
  options: SendOptions = {},
): Promise<Answer> {
  const query = options.query ? `?${new URLSearchParams(options.query)}` : "";
  const headers = new Headers(options.headers);
  if (options.token) headers.set("authorization", `Bearer ${options.token}`);
  const body = options.form === undefined || options.form instanceof FormData
    ? options.form
    : new URLSearchParams(options.form);
  const init: RequestInit = { method, headers, signal: AbortSignal.timeout(20_000) };
  if (body) init.body = body;
  const response = await fetch(`${server.rootUrl}${path}${query}`, init);
  const type = response.headers.get("content-type") ?? "";
  return { status: response.status, type, body: await response.text() };
}

/** Tries to log in. @returns the token, or undefined where the server refuses */
export async function tryLogin(
  server: Pick<NacosUnderTest, "rootUrl">,
  credentials: Credentials,
): Promise<string | undefined> {
  const form = { ...credentials };
  // 2.2.4 answers a wrong password, and with auth off any, with `HTTP/1.1 0`, which is no HTTP.
  const answer = await send(server, "POST", "/v1/auth/users/login", { form }).catch(() => {});
  if (answer?.status !== 200) return undefined;
  const token: unknown = JSON.parse(answer.body).accessToken;
  return typeof token === "string" ? token : undefined;
}

/** Logs in. @param credentials default: the administrator's */
export async function login(
  server: NacosUnderTest,
  credentials: Credentials | undefined = server.admin,
): Promise<string> {
  if (!credentials) throw new Error(`Cannot log in to ${server.label}: it has no administrator`);
  const token = await tryLogin(server, credentials);
  if (token === undefined) {
    throw new Error(`Cannot log in to ${server.label} as ${credentials.username}`);
  }
  return token;
}

/**
 * Sends a request as the administrator, where the server wants a token; logs in once per server,
 * and again when the token is refused.
 */
export async function sendAsAdmin(
  server: NacosUnderTest,
  method: Method,
  path: string,
  options: SendOptions = {},
): Promise<Answer> {
  if (!server.admin || !(server.auth || server.adminAuth)) {
    return await send(server, method, path, options);
  }
  const known = tokens.get(server);
  if (known) {
    const answer = await send(server, method, path, { ...options, token: await known });
    if (answer.status !== 403) return answer;
  }
  const fresh = login(server);
  tokens.set(server, fresh);
  return await send(server, method, path, { ...options, token: await fresh });
}

const tokens = new WeakMap<NacosUnderTest, Promise<string>>();

export function register(
  server: NacosUnderTest,
  instance: TestInstance,
  options: RegisterOptions = {},
): Promise<Registration<TestInstance>> {
  // Below the 15 s after which a server frets.
  const beating = { heartbeatMs: 3_000, ...options };
  const post = () => postInstance(server, instance);
  return keepRegistered(instance, beating, post, () => beat(server, instance));
}

/** Takes a registration out, as a process does that ends. */
export async function deregister(server: NacosUnderTest, instance: TestInstance): Promise<void> {
  const path = isV3(server) ? "/v3/client/ns/instance" : "/v1/ns/instance";
  accept(await sendAsAdmin(server, "DELETE", path, { query: fields(instance) }), "deregister");
}

/** Sends one heartbeat. @returns false where the server does not know the instance */
export async function beat(server: NacosUnderTest, instance: TestInstance): Promise<boolean> {
  if (isV3(server)) {
    const query = { ...fields(instance), heartBeat: "true" };
    const answer = await sendAsAdmin(server, "POST", "/v3/client/ns/instance", { query });
    return JSON.parse(answer.body).code === 0;
  }
  const query = fields(instance);
  const answer = await sendAsAdmin(server, "PUT", "/v1/ns/instance/beat", { query });
  return JSON.parse(answer.body).code === 10200;
}

/** The instances that callers of the service see; of one cluster on 3.x, by default DEFAULT. */
export async function list(
  server: NacosUnderTest,
  service: TestService & { readonly clusterName?: string },
): Promise<ListedInstance[]> {
  const { clusterName, serviceName, groupName = "", namespaceId = "" } = service;
  const query: Record<string, string> = { serviceName, groupName, namespaceId };
  if (isV3(server)) {
    if (clusterName) query["clusterName"] = clusterName;
    const answer = await sendAsAdmin(server, "GET", "/v3/client/ns/instance/list", { query });
    return JSON.parse(accept(answer, "list instances").body).data;
  }
  if (clusterName) query["clusters"] = clusterName;
  const answer = await sendAsAdmin(server, "GET", "/v1/ns/instance/list", { query });
  return JSON.parse(accept(answer, "list instances").body).hosts;
}

/** What the registry itself says about an instance, in service or not; undefined where unknown. */
export async function record(
  server: NacosUnderTest,
  instance: TestInstance,
): Promise<RecordedInstance | undefined> {
  if (isV3(server)) {
    const query = fields(instance);
    const answer = await sendAsAdmin(server, "GET", "/v3/admin/ns/instance", { query });
    if (answer.status === 404) return undefined;
    return JSON.parse(accept(answer, "look up an instance").body).data;
  }
  const { serviceName, groupName = "DEFAULT_GROUP", namespaceId = "public" } = instance;
  const clusterName = instance.clusterName ?? "DEFAULT";
  const page = { pageNo: "1", pageSize: "1000" };
  const query = { serviceName, groupName, namespaceId, clusterName, ...page };
  const answer = await sendAsAdmin(server, "GET", "/v1/ns/catalog/instances", { query });
  if (answer.status === 404) return undefined;
  const all: RecordedInstance[] = JSON.parse(accept(answer, "look up an instance").body).list;
  return all.find(({ ip, port }) => ip === instance.ip && port === instance.port);
}

/** Sends the partial update, as an operator may: with these fields and no others. */
export async function patch(
  server: NacosUnderTest,
  instance: TestInstance,
  changes: Readonly<Record<string, string>>,
): Promise<Answer> {
  const { weight: _weight, metadata: _metadata, ...place } = instance;
  const form = { ...fields(place), ...changes };
  return isV3(server)
    ? await sendAsAdmin(server, "PUT", "/v3/admin/ns/instance/partial", { form })
    : await sendAsAdmin(server, "PATCH", "/v1/ns/instance", { form });
}

interface ScriptOutcome {
  /** HTTP status of its login, 0 for an answer that cannot be parsed. */
  readonly login: number;
  /** HTTP status of its full PUT, which the script does not look at. */
  readonly put: number;
}

/**
 * Sends what the article's `service_offline_nacos.sh` sends: a login and the full PUT, both as
 * multipart forms (`curl --form`), the token in the URL.
 * @param env the script's variables: serviceName, groupName, metadata, namespaceId, port, podip
 */
export async function articleScript(
  server: NacosUnderTest,
  env: Readonly<Record<string, string>>,
): Promise<ScriptOutcome> {
  const { username, password } = server.admin ?? { username: "nacos", password: "nacos" };
  // 2.2.4 with auth off: `HTTP/1.1 0`. The script goes on with an empty token, and succeeds.
  const loggedIn = await send(server, "POST", "/v1/auth/users/login", {
    form: multipart({ username, password }),
  }).catch(() => ({ status: 0, body: "" }));
  const token = /"accessToken":"([^"]*)"/.exec(loggedIn.body)?.[1] ?? "";
  const put = await send(server, "PUT", "/v1/ns/instance", {
    query: { accessToken: token },
    form: multipart({
      serviceName: env["serviceName"] ?? "",
      clusterName: "DEFAULT",
      groupName: env["groupName"] ?? "",
      metadata: env["metadata"] ?? "",
      namespaceId: env["namespaceId"] ?? "",
      ip: env["podip"] ?? "",
      port: env["port"] ?? "",
      ephemeral: "true",
      weight: "1",
      enabled: "false",
    }),
  });
  return { login: loggedIn.status, put: put.status };
}

function multipart(form: Readonly<Record<string, string>>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(form)) data.set(name, value);
  return data;
}

async function postInstance(server: NacosUnderTest, instance: TestInstance): Promise<void> {
  const form = { ephemeral: "true", ...fields(instance) };
  const path = isV3(server) ? "/v3/client/ns/instance" : "/v1/ns/instance";
  accept(await sendAsAdmin(server, "POST", path, { form }), "register");
}

function fields(instance: TestService & Partial<TestInstance>): Record<string, string> {
  const { metadata, ...rest } = instance;
  const named = Object.entries(rest).map(([name, value]) => [name, String(value)]);
  return {
    ...Object.fromEntries(named),
    ...(metadata ? { metadata: JSON.stringify(metadata) } : {}),
  };
}

/** Refuses what is no success: on 3.x an answer can be 200 and empty, or carry a code of its own. */
function accept(answer: Answer, what: string): Answer {
  const good = answer.status === 200 && answer.body !== "" &&
    !/^\{"code":(?!0\b)/.test(answer.body);
  if (good) return answer;
  throw new Error(`Cannot ${what}: HTTP ${answer.status} ${answer.body.slice(0, 200)}`);
}

function isV3(server: NacosUnderTest): boolean {
  return server.generation.startsWith("3");
}
