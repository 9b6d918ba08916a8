/**
 * What an application, a caller and an operator do with a Eureka server, over plain HTTP, for tests
 * on real servers and on the stand-in alike.
 */

import type { EurekaStatus, EurekaUnderTest } from "./eureka_under_test.ts";
import type { Credentials } from "./nacos_under_test.ts";
import { keepRegistered, type RegisterOptions, type Registration } from "./registration.ts";

// `fetch` obeys HTTP_PROXY even for 127.0.0.1, where all servers under test are.
Deno.env.set("NO_PROXY", "*,0.0.0.0/0,::/0");

type EurekaAddress = Pick<EurekaUnderTest, "rootUrl" | "credentials">;

/** The methods of the API, and one that it has not. */
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "PATCH";

export interface Answer {
  readonly status: number;
  /** The content type, empty where there is none. */
  readonly type: string;
  readonly body: string;
  readonly headers: Headers;
}

interface SendOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The `Accept` header. @default {"application/json"} */
  readonly accept?: string;
  /** Others than the server's; undefined sends none. */
  readonly credentials?: Credentials | undefined;
}

/** What an instance is told by; without an id of its own it goes by its host name. */
export interface TestPlace {
  readonly app: string;
  /** As it is, not encoded. Overrides go by it alone: not one id for two applications. */
  readonly instanceId?: string | undefined;
  /** Of the pod or the machine. @default {"host-of-" and the application} */
  readonly hostName?: string;
}

export interface TestInstance extends TestPlace {
  /** IPv4 or IPv6, as it is. */
  readonly ip: string;
  readonly port: number;
  /** A TLS port, enabled in place of `port`. */
  readonly securePort?: number;
  /** What the application says of itself. @default {"UP"} */
  readonly status?: EurekaStatus;
  /** After so long without a heartbeat the server may let it go. @default {90} */
  readonly leaseSeconds?: number;
  readonly metadata?: Readonly<Record<string, string>>;
  /** When the app has last changed it, ms since the epoch. @default {when it is registered} */
  readonly dirtyAt?: number;
}

/** One whose app started a while ago: what is newer than a second is marked by a later write. */
export function aged(instance: TestInstance): TestInstance {
  return { ...instance, dirtyAt: Date.now() - 2_000 };
}

export interface ListedInstance {
  /** Absent where it was registered without one: then the host name is the id. */
  readonly instanceId: string | undefined;
  readonly hostName: string;
  /** In upper case. */
  readonly app: string;
  /** IPv4 or IPv6, as it is. */
  readonly ip: string;
  /** The plain port, enabled or not. */
  readonly port: number;
  readonly status: EurekaStatus;
  /** What an operator has set; UNKNOWN where nothing is. */
  readonly overriddenStatus: EurekaStatus;
  /** When the application has last changed it, by its own clock, ms since the epoch. */
  readonly dirtyAt: number;
  readonly metadata: Readonly<Record<string, string>>;
}

export function idOf(place: TestPlace): string {
  return place.instanceId ?? hostNameOf(place);
}

/** `/apps/{APP}/{id}`, encoded. */
export function pathOf(place: TestPlace): string {
  return `/apps/${encodeURIComponent(place.app)}/${encodeURIComponent(idOf(place))}`;
}

/** Sends one request, with the server's credentials unless told otherwise, and reads the answer. */
export async function send(
  server: EurekaAddress,
  method: Method,
  path: string,
  options: SendOptions = {},
): Promise<Answer> {
  const query = options.query ? `?${new URLSearchParams(options.query)}` : "";
  const headers = new Headers({ accept: options.accept ?? "application/json" });
  const credentials = "credentials" in options ? options.credentials : server.credentials;
  if (credentials) {
    const { username, password } = credentials;
    headers.set("authorization", `Basic ${btoa(`${username}:${password}`)}`);
  }
  const init: RequestInit = { method, headers, signal: AbortSignal.timeout(20_000) };
  if (options.body !== undefined) {
    headers.set("content-type", "application/json");
    init.body = JSON.stringify(options.body);
  }
  const response = await fetch(`${server.rootUrl}${path}${query}`, init);
  const type = response.headers.get("content-type") ?? "";
  const body = await response.text();
  return { status: response.status, type, body, headers: response.headers };
}

/** The body of a registration, with the fields that a Spring Cloud application sends. */
export function registrationBody(instance: TestInstance): { readonly instance: unknown } {
  const { app, instanceId, ip, port, securePort, status = "UP", dirtyAt } = instance;
  return {
    instance: {
      ...(instanceId === undefined ? {} : { instanceId }),
      app: app.toUpperCase(),
      hostName: hostNameOf(instance),
      ipAddr: ip,
      status,
      overriddenStatus: "UNKNOWN",
      port: { $: port, "@enabled": String(securePort === undefined) },
      securePort: { $: securePort ?? 443, "@enabled": String(securePort !== undefined) },
      vipAddress: app.toLowerCase(),
      dataCenterInfo: {
        "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo",
        name: "MyOwn",
      },
      leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: instance.leaseSeconds ?? 90 },
      metadata: instance.metadata ?? {},
      ...(dirtyAt === undefined ? {} : { lastDirtyTimestamp: String(dirtyAt) }),
    },
  };
}

export function register(
  server: EurekaAddress,
  instance: TestInstance,
  options: RegisterOptions = {},
): Promise<Registration<TestInstance>> {
  const post = () => postInstance(server, instance);
  return keepRegistered(instance, options, post, () => heartbeat(server, instance));
}

/** Sends one heartbeat. @returns false where the server asks for a registration (404) */
export async function heartbeat(server: EurekaAddress, place: TestPlace): Promise<boolean> {
  const answer = await send(server, "PUT", pathOf(place));
  return answer.status === 404 ? false : !!accept(answer, "send a heartbeat");
}

/**
 * Takes a registration out, as a process does that ends in good order.
 * @returns false where the server does not know the instance
 */
export async function deregister(server: EurekaAddress, place: TestPlace): Promise<boolean> {
  const answer = await send(server, "DELETE", pathOf(place));
  return answer.status === 404 ? false : !!accept(answer, "deregister");
}

/** Sets the status override, as an operator does; the answer is for the test to judge. */
export async function setStatus(
  server: EurekaAddress,
  place: TestPlace,
  value: string,
): Promise<Answer> {
  return await send(server, "PUT", `${pathOf(place)}/status`, { query: { value } });
}

/**
 * Takes the status override away; the answer is for the test to judge.
 * @param value the status until the application says otherwise; without it, UNKNOWN
 */
export async function clearStatus(
  server: EurekaAddress,
  place: TestPlace,
  value?: string,
): Promise<Answer> {
  const query = value === undefined ? {} : { query: { value } };
  return await send(server, "DELETE", `${pathOf(place)}/status`, query);
}

/** The server's own record of an instance, which is never cached; undefined where unknown. */
export async function instance(
  server: EurekaAddress,
  place: TestPlace,
): Promise<ListedInstance | undefined> {
  const answer = await send(server, "GET", pathOf(place));
  if (answer.status === 404) return undefined;
  return read(JSON.parse(accept(answer, "look up an instance").body).instance);
}

/** The instances of an application as callers get them, from the cache; none for a 404. */
export async function list(server: EurekaAddress, app: string): Promise<ListedInstance[]> {
  const answer = await send(server, "GET", `/apps/${encodeURIComponent(app)}`);
  if (answer.status === 404) return [];
  const { body } = accept(answer, "list an application");
  return JSON.parse(body).application.instance.map(read);
}

/** The instances of all applications as callers get them, from the cache. */
export async function listAll(server: EurekaAddress): Promise<ListedInstance[]> {
  const { body } = accept(await send(server, "GET", "/apps"), "list all applications");
  const all: { instance: WireInstance[] }[] = JSON.parse(body).applications.application;
  return all.flatMap(({ instance }) => instance.map(read));
}

/** The fields that matter here, as JSON answers have them. */
interface WireInstance extends Omit<ListedInstance, "ip" | "port" | "dirtyAt"> {
  readonly ipAddr: string;
  readonly lastDirtyTimestamp: string;
  readonly port: { readonly $: number };
}

function read(wire: WireInstance): ListedInstance {
  const { instanceId, hostName, app, ipAddr, port, status, overriddenStatus, metadata } = wire;
  return {
    instanceId,
    hostName,
    app,
    ip: ipAddr,
    port: port.$,
    status,
    overriddenStatus,
    dirtyAt: Number(wire.lastDirtyTimestamp),
    metadata,
  };
}

function hostNameOf({ app, hostName }: TestPlace): string {
  return hostName ?? `host-of-${app.toLowerCase()}`;
}

async function postInstance(server: EurekaAddress, instance: TestInstance): Promise<void> {
  const path = `/apps/${encodeURIComponent(instance.app)}`;
  accept(await send(server, "POST", path, { body: registrationBody(instance) }), "register");
}

function accept(answer: Answer, what: string): Answer {
  if (answer.status === 200 || answer.status === 204) return answer;
  throw new Error(`Cannot ${what}: HTTP ${answer.status} ${answer.body.slice(0, 200)}`);
}
