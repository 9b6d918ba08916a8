/** Users, logins and tokens of the stand-in. */

import type { Credentials, NacosAction, NacosGeneration } from "../support/nacos_under_test.ts";
import { json, springError, text } from "./nacos_answers.ts";
import type { NacosCall } from "./nacos_call.ts";

interface UserOptions {
  readonly generation: NacosGeneration;
  readonly tokenTtlSeconds: number;
  /** How long one login keeps a worker busy (bcrypt: 60 to 78 ms of CPU). */
  readonly loginDelayMs: number;
  /** How many logins are worked on at a time; the others queue. */
  readonly loginConcurrency: number;
  readonly auth: boolean;
  /** Makes the answer that no HTTP client can parse. */
  readonly unparseable: (headers?: Readonly<Record<string, string>>) => Response;
}

interface NacosUser extends Credentials {
  readonly admin: boolean;
  readonly namespaceId: string | undefined;
  readonly action: NacosAction;
}

export class NacosUsers {
  readonly #options: UserOptions;
  readonly #users = new Map<string, NacosUser>();
  readonly #tokens = new Map<string, { readonly user: NacosUser; expiresAt: number }>();
  readonly #queue: (() => void)[] = [];
  readonly #working = new Set<() => void>();
  #busy = 0;
  #closed = false;

  constructor(options: UserOptions) {
    this.#options = options;
  }

  /** Makes a user, by default with a random password. */
  add(user: Omit<NacosUser, "password">, password: string = crypto.randomUUID()): Credentials {
    const added = { ...user, password };
    this.#users.set(user.username, added);
    return { username: added.username, password: added.password };
  }

  dropTokens(): void {
    for (const token of this.#tokens.values()) token.expiresAt = 0;
  }

  /** Ends the logins that wait or are being worked on, so that no timer is left. */
  close(): void {
    this.#closed = true;
    for (const turn of this.#queue.splice(0)) turn();
    for (const done of this.#working) done();
  }

  /** Answers a login, on the v1 or the v3 path. */
  async login(call: NacosCall, api: "v1" | "v3"): Promise<Response> {
    const username = call.params.get("username");
    const password = call.params.get("password");
    if (username === null || password === null) return this.#missing(call, api, username);
    await this.#work();
    const user = this.#users.get(username);
    if (!user || user.password !== password) return this.#refused(call, api, username, !user);
    if (this.#options.generation === "2.x" && !this.#options.auth) {
      // 2.2.4 with auth off: nobody can log in, the right password gets an empty token and no status.
      return this.#options.unparseable({ Authorization: "Bearer " });
    }
    const accessToken = `embedded.${crypto.randomUUID()}`;
    const tokenTtl = this.#options.tokenTtlSeconds;
    this.#tokens.set(accessToken, { user, expiresAt: Date.now() + tokenTtl * 1000 });
    return json({ accessToken, tokenTtl, globalAdmin: user.admin, username });
  }

  /**
   * Refuses a request whose token is missing, unknown, expired or not good for the namespace.
   * @param namespaceId undefined for what only the administrator may do
   * @returns the refusal, or undefined where the request may go on
   */
  refusal(call: NacosCall, namespaceId: string | undefined): Response | undefined {
    const header = call.headers.get("authorization") ?? "";
    const token = header.startsWith("Bearer ")
      ? header.slice("Bearer ".length)
      : call.params.get("accessToken") ?? "";
    const forbid = (code: number, message: string) =>
      springError(
        call.fullPath,
        403,
        // 3.1.0 wraps what 1.4.8 and 2.2.4 say plainly.
        this.#options.generation.startsWith("3") ? `Code: ${code}, Message: ${message}.` : message,
      );
    if (!token) {
      return forbid(
        401,
        this.#options.generation.startsWith("3")
          ? "User not found! Please check user exist or password is right!"
          : "user not found!",
      );
    }
    const known = this.#tokens.get(token);
    if (!known) return forbid(401, "token invalid!");
    if (Date.now() >= known.expiresAt) return forbid(401, "token expired!");
    const { user } = known;
    const mayUse = namespaceId !== undefined && user.namespaceId === namespaceId;
    // 3.1.0 shows the record of one instance only to who may write.
    const isRead = call.method === "GET" && call.path !== "/v3/admin/ns/instance";
    const may = user.admin || (mayUse && (isRead || user.action === "rw"));
    return may ? undefined : forbid(403, "authorization failed!");
  }

  async #work(): Promise<void> {
    if (this.#options.loginDelayMs === 0) return;
    if (this.#busy >= this.#options.loginConcurrency) {
      await new Promise<void>((turn) => this.#queue.push(turn));
    } else this.#busy++;
    if (this.#closed) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#working.delete(done);
        resolve();
      };
      const timer = setTimeout(done, this.#options.loginDelayMs);
      this.#working.add(done);
    });
    const next = this.#queue.shift();
    if (next) next();
    else this.#busy--;
  }

  #missing(call: NacosCall, api: "v1" | "v3", username: string | null): Response {
    const name = username === null ? "username" : "password";
    if (api === "v3") return springError(call.fullPath, 500, "No message available");
    if (this.#options.generation.startsWith("3")) {
      return springError(call.fullPath, 400, `Required parameter '${name}' is not present.`);
    }
    return text(`Parameter '${name}' is missing`, 400);
  }

  #refused(call: NacosCall, api: "v1" | "v3", username: string, unknown: boolean): Response {
    if (this.#options.generation === "1.4") return text("unknown user!", 403);
    if (this.#options.generation === "2.x") {
      // 2.2.4: an unknown user gets a 500, a wrong password a status line without a valid status.
      return unknown && username !== ""
        ? text(`caused: ${username};`, 500)
        : this.#options.unparseable();
    }
    if (api === "v1") {
      const message = "Handle API Compatibility failed, please see log for detail.";
      return springError(call.fullPath, 500, message);
    }
    return unknown && username !== ""
      ? springError(call.fullPath, 403, "Access Denied")
      : springError(call.fullPath, 500, "No message available");
  }
}
