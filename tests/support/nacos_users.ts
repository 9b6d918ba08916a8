/** Users of a real Nacos server, made through its own API. */

import type { Credentials, NacosAction, NacosUnderTest } from "./nacos_under_test.ts";
import { type Answer, send, tryLogin } from "./nacos_client.ts";

type UserHost = Pick<
  NacosUnderTest,
  "rootUrl" | "generation" | "auth" | "adminAuth" | "admin"
>;

/** A server caches users and permissions for up to 15 s; under load it also logs in slowly. */
const SEEN_TIMEOUT_MS = 60_000;

export function randomSecret(prefix = ""): string {
  return prefix + crypto.getRandomValues(new Uint8Array(16)).toHex();
}

/**
 * Whether anybody can log in. With auth off 2.2.4 makes an empty token, fails to read its lifetime,
 * and answers the right password with the same `HTTP/1.1 0` as a wrong one.
 */
function knowsLogins(server: Pick<UserHost, "generation" | "auth">): boolean {
  return server.auth || server.generation !== "2.x";
}

/**
 * Gives a fresh server its administrator.
 * @returns the administrator, who can log in; undefined where nobody can
 */
export async function createAdmin(
  server: Pick<UserHost, "rootUrl" | "generation" | "auth">,
): Promise<Credentials | undefined> {
  if (!knowsLogins(server)) return undefined;
  const admin = { username: "nacos", password: randomSecret() };
  let last = "";
  // Each round tries both steps: an answer that was lost must not keep the second from being tried.
  await until("make the administrator", async () => {
    if (server.generation.startsWith("3")) {
      // Works once, while there is no administrator.
      const form = { password: admin.password };
      const answer = await send(server, "POST", "/v3/auth/user/admin", { form });
      last ||= `${answer.status} ${answer.body}`;
    } else {
      const token = await tryLogin(server, { username: "nacos", password: "nacos" });
      if (token) {
        const form = { username: admin.username, newPassword: admin.password };
        const answer = await send(server, "PUT", "/v1/auth/users", { form, token });
        last ||= `${answer.status} ${answer.body}`;
      }
    }
    return await tryLogin(server, admin);
  }, () => redact(last, [admin.password]));
  return admin;
}

/** Takes secrets out of a text that goes into a message. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, "***"), text);
}

/**
 * Makes a user and waits until the server lets that user do what was permitted. Where nobody can
 * log in (2.2.4 with auth off) it makes the user and does not wait: for programs that are given one
 * all the same.
 * @param namespaceId `public` for the default one, undefined for no permission at all
 */
export async function createUser(
  server: UserHost,
  namespaceId: string | undefined,
  action: NacosAction = "rw",
): Promise<Credentials> {
  const { admin } = server;
  if (!admin && knowsLogins(server)) {
    throw new Error(`Cannot make a user on ${server.rootUrl}: no administrator of it is known`);
  }
  const v3 = server.generation.startsWith("3");
  const token = admin &&
    await until("log in as the administrator", () => tryLogin(server, admin));
  const post = (what: string, v1Path: string, v3Path: string, form: Record<string, string>) =>
    accepted(
      what,
      () => send(server, "POST", v3 ? v3Path : v1Path, { form, token }),
    );

  const user = { username: randomSecret("u"), password: randomSecret() };
  await post("make a user", "/v1/auth/users", "/v3/auth/user", user);
  if (namespaceId !== undefined) {
    const role = randomSecret("r");
    await post("make a role", "/v1/auth/roles", "/v3/auth/role", {
      role,
      username: user.username,
    });
    for (const resource of resourcesOf(server, namespaceId)) {
      await post("permit a namespace", "/v1/auth/permissions", "/v3/auth/permission", {
        role,
        resource,
        action,
      });
    }
  }

  if (!knowsLogins(server)) return user;
  const userToken = await until("log in as a new user", () => tryLogin(server, user));
  if (namespaceId !== undefined) {
    for (const path of readPaths(server)) {
      await until(`read ${path} as a new user`, async () => {
        const answer = await send(server, "GET", path, {
          query: {
            namespaceId,
            groupName: "DEFAULT_GROUP",
            serviceName: "nobody",
            pageNo: "1",
            pageSize: "1",
          },
          token: userToken,
        });
        // A service that nobody has registered may be a 404; only a refusal counts.
        return answer.status === 200 || answer.status === 404 ? true : undefined;
      });
    }
  }
  return user;
}

/**
 * How a permission spells a namespace. For the default one 2.2.4 wants `:*:*` of HTTP requests and
 * `public:*:*` of gRPC clients, and neither does for the other; 3.1 takes both spellings for both.
 */
function resourcesOf(server: UserHost, namespaceId: string): string[] {
  if (namespaceId !== "public") return [`${namespaceId}:*:*`];
  return server.generation.startsWith("3") ? ["public:*:*"] : [":*:*", "public:*:*"];
}

/** The naming reads that want a token, one per area that a server guards on its own. */
function readPaths(server: UserHost): string[] {
  if (!server.generation.startsWith("3")) return server.auth ? ["/v1/ns/instance/list"] : [];
  return [
    ...(server.auth ? ["/v3/client/ns/instance/list"] : []),
    ...(server.adminAuth ? ["/v3/admin/ns/instance/list"] : []),
  ];
}

async function accepted(what: string, request: () => Promise<Answer>): Promise<void> {
  let last = "";
  await until(what, async () => {
    const answer = await request();
    last = `${answer.status} ${answer.body}`;
    // Already there: an earlier try got through, though its answer did not.
    if (/already (exist|bound)/.test(answer.body)) return true;
    return answer.status === 200 && !/"code":(?!0\b|200\b)/.test(answer.body) ? true : undefined;
  }, () => last);
}

async function until<T>(
  what: string,
  attempt: () => Promise<T | undefined>,
  last: () => string = () => "",
): Promise<T> {
  const deadline = performance.now() + SEEN_TIMEOUT_MS;
  let failure = "";
  while (performance.now() < deadline) {
    try {
      const result = await attempt();
      if (result !== undefined) return result;
      failure = last();
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`Cannot ${what} within ${SEEN_TIMEOUT_MS / 1000} s: ${failure || "refused"}`);
}
