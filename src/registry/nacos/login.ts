import { askForToken, reasonOf, type Refusal } from "./token.ts";
import { RefusedError } from "../../errors.ts";
import type { Credentials } from "../../http/credentials.ts";
import type { Endpoint } from "../../http/endpoint.ts";
import type { Log } from "../../log.ts";
import type { Secrets } from "../../secrets.ts";
import { abortable } from "../abortable.ts";

/** The token that was given last. Servers of one cluster sign with the same key, so one does. */
export interface SharedToken {
  /** Undefined before the first login. */
  value: string | undefined;
}

/** Who asks. */
export interface Who {
  /** Without it there is no login. */
  readonly login: Credentials | undefined;
  /** The variables that it was read from, in words. */
  readonly loginVariables: string;
  /** What to change where there is no login. */
  readonly loginAdvice: string;
  /** The access key that requests are signed with. */
  readonly accessKey?: string | undefined;
}

/** What logins need. */
export interface LoginOptions extends Who {
  readonly log: Log;
  /** Learns the tokens. */
  readonly secrets: Secrets;
  /** Ends logins that are still open; a login is never cut short for anything less. */
  readonly signal: AbortSignal;
  /** Shared with the other servers. */
  readonly token: SharedToken;
}

/** What was sent, and what this server's own last login had given by then. */
interface Sent {
  readonly token: string | undefined;
  readonly own: string | undefined;
}

/** The login at one server, and the token that it takes. */
export type Login = ReturnType<typeof createLogin>;

export function createLogin(endpoint: Endpoint, options: LoginOptions) {
  const { log, secrets, login, token } = options;
  let open: Promise<void> | undefined;
  let refusal: Refusal | undefined;
  /** What the last login here gave. */
  let own: string | undefined;
  /** A token from elsewhere was refused here: this server is not of one cluster with the others. */
  let isApart = false;
  const tokenNow = () => isApart ? own : token.value;

  async function logIn(credentials: Credentials): Promise<void> {
    const given = await askForToken(endpoint, credentials, options.signal);
    const isNews = refusal === undefined;
    if (typeof given === "string") {
      token.value = own = given;
      secrets.add(given);
      refusal = undefined;
      return;
    }
    refusal = given;
    if (isNews) log.warn("login_refused", goingOnWithout(credentials, given));
  }

  /** Logs in. One login at a time: whoever comes while one is open waits for it. */
  async function fresh(signal: AbortSignal): Promise<void> {
    if (login === undefined) return;
    open ??= logIn(login).finally(() => open = undefined);
    await abortable(open, signal, "no answer to the login in time");
  }

  return {
    /** Whether to log in before the first request. Not again where the server wants no token. */
    get isDue(): boolean {
      return login !== undefined && tokenNow() === undefined && refusal === undefined;
    },
    /** The token to send now. */
    now: (): Sent => ({ token: tokenNow(), own }),
    fresh,
    /**
     * Looks for another token after one was refused.
     *
     * @returns whether there is one
     */
    async renew(refused: Sent, signal: AbortSignal): Promise<boolean> {
      // Expired, or not known to this server; another session may have a newer one by now.
      if (tokenNow() === refused.token) await fresh(signal);
      isApart ||= refused.token !== refused.own && own !== refused.own;
      return tokenNow() !== undefined && tokenNow() !== refused.token;
    },
    /**
     * Why the last login was refused; undefined where it was not.
     *
     * @param isNeeded whether the server does nothing without one: then some answers say more
     */
    refusal: (isNeeded: boolean) => refusal && reasonOf(refusal, isNeeded),
    /** The error for a request that was refused, whatever the token. */
    refused: (what: string) =>
      new RefusedError(whyRefused(what, options, refusal && reasonOf(refusal, true))),
  };
}

function goingOnWithout({ username }: Credentials, refusal: Refusal): string {
  return `login of user ${username} refused: ${reasonOf(refusal, false)}; ` +
    "continuing without a token, since some servers need none";
}

/** Why a request was refused, and what to change. */
function whyRefused(
  what: string,
  { login, loginVariables, loginAdvice, accessKey }: Who,
  refusal: string | undefined,
): string {
  if (accessKey !== undefined && (login === undefined || refusal !== undefined)) {
    return `${what}; signed with the access key ${accessKey}: check NACOS_ACCESS_KEY and ` +
      "NACOS_SECRET_KEY, what that key may do, and the clock here";
  }
  if (login === undefined) {
    return `${what}; ${loginAdvice}, for a cloud's Nacos NACOS_ACCESS_KEY and ` +
      "NACOS_SECRET_KEY_FILE (or NACOS_SECRET_KEY)";
  }
  const who = `user ${login.username}`;
  if (refusal !== undefined) return `login of ${who} failed: ${refusal}; check ${loginVariables}`;
  // On 2.2.4 `public:*:*` is for gRPC clients only, and `:*:*` for HTTP requests only.
  return `${what}; ${who} lacks the permission to read and write this namespace ` +
    "(namespaceId is its id, not its name; the default one is spelled :*:* on 2.x)";
}
