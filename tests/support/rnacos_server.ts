/**
 * A real r-nacos 0.8.8 for tests. It is published as source, so somebody has to build it:
 * `cargo install` took 3 min 22 s on 2 cores (debug profile, 4 min 30 s of CPU).
 */

import { freePort } from "./free_port.ts";
import { send } from "./nacos_client.ts";
import { randomSecret } from "./nacos_users.ts";
import type { RNacosUnderTest } from "./rnacos_under_test.ts";
import { launch, unlessOk, untilReady } from "./server_process.ts";

const VERSION = "0.8.8";
const START_TIMEOUT_MS = 60_000;

/**
 * The program: what `RNACOS_BIN` names, else what stands in the cache, else with `RNACOS_BUILD=1` one
 * that is built there.
 * @returns why there is none, where there is none
 */
export async function findRNacos(): Promise<{ path: string } | { missing: string }> {
  const named = Deno.env.get("RNACOS_BIN");
  if (named) return { path: named };
  const root = `${Deno.env.get("HOME")}/.cache/service-offline/rnacos-${VERSION}`;
  const path = `${root}/bin/rnacos`;
  if (await Deno.stat(path).then(() => true, () => false)) return { path };
  if (Deno.env.get("RNACOS_BUILD") !== "1") {
    return {
      missing: `RNACOS_BIN names none, there is no ${path}, and RNACOS_BUILD=1, which builds ` +
        "one (cargo, 4 minutes), is not set",
    };
  }
  const args = ["install", "rnacos", "--version", VERSION, "--locked", "--debug", "--root", root];
  const { success } = await new Deno.Command("cargo", { args }).spawn().status;
  if (!success) throw new Error(`Cannot build r-nacos ${VERSION}: cargo failed, see above`);
  return { path };
}

/** Ends the server when stdin closes, as `startServer` wants it, and on TERM. */
const UNTIL_STDIN_CLOSES = `exec 3<&0
"$0" </dev/null 3<&- & server=$!
trap 'kill $server' TERM
{ cat >/dev/null; kill $server; } <&3 2>/dev/null &
wait $server; wait $server`;

/** Launches it on the loopback address with a random password. */
export async function startRNacos(path: string, auth: boolean): Promise<RNacosUnderTest> {
  const port = freePort([1000, 2000]);
  const admin = { username: "nacos", password: randomSecret() };
  const label = `real r-nacos ${VERSION} auth ${auth ? "on" : "off"}`;
  const addr = `127.0.0.1:${port}`;
  const rootUrl = `http://${addr}/nacos`;
  const program = {
    prefix: "rnacos-",
    command: "sh",
    args: ["-c", UNTIL_STDIN_CLOSES, path],
    env: {
      RUST_LOG: "warn",
      RNACOS_SDK_HOST: "127.0.0.1",
      RNACOS_HTTP_PORT: String(port),
      RNACOS_DATA_DIR: "data",
      RNACOS_ENABLE_OPEN_API_AUTH: String(auth),
      RNACOS_INIT_ADMIN_USERNAME: admin.username,
      RNACOS_INIT_ADMIN_PASSWORD: admin.password,
    },
    secrets: [admin.password],
  };
  // Its administrator is there a moment after its port.
  const login = () => send({ rootUrl }, "POST", "/v1/auth/users/login", { form: { ...admin } });
  const { process } = await launch(
    `${label} on port ${port}`,
    program,
    (server) => untilReady(server, START_TIMEOUT_MS, () => unlessOk(login())),
  );
  return { label, addr, rootUrl, auth, admin, shutdown: () => process.stop() };
}
