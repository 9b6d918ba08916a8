/** What `check` asks one Eureka server. */

import { UNKNOWN, UP } from "./instance.ts";
import type { EurekaServer } from "./server.ts";
import { type Finding, permission } from "../examine.ts";

/** Looks at one server that is connected. */
export async function* lookAtServer(
  server: EurekaServer,
  app: string,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  // Where the app is unknown, the path may be wrong; the list of all apps tells.
  if (await server.instances(app, signal) === undefined) await server.apps(signal);
  yield { about: "server", ok: true, text: "Eureka; it does not say its version" };
  const { user } = server;
  const text = user === undefined ? "not needed" : `as user ${user}`;
  yield { about: "login", ok: true, text };
  yield { about: "read", ok: true, text: "allowed" };
  // The status of an id that nobody has: 401 where it may not be written, else 404, and nothing is
  // kept for whoever registers with this id later (2.0.5; open, with basic auth, CSRF left on).
  const nobody = { id: `nobody-${crypto.randomUUID()}`, status: UP, override: UNKNOWN, dirtyAt: 0 };
  yield await permission("write", server.release(app, nobody, signal));
}
