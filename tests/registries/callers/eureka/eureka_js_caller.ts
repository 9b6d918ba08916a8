/**
 * A service with the npm package `eureka-js-client`. Run as a program of its own by
 * tests/support/eureka_callers.ts, which speaks to it in JSON lines.
 */

import process from "node:process";
import { complain, LOGGER, say, serve } from "../json_lines.ts";

interface Found {
  readonly instanceId?: string;
  readonly hostName: string;
  readonly ipAddr: string;
  readonly port: { readonly $: number };
}

interface EurekaClient {
  readonly instanceId: string;
  start(done: (error?: Error) => void): void;
  stop(done: (error?: Error) => void): void;
  fetchRegistry(done: (error?: Error) => void): void;
  getInstancesByAppId(app: string): Found[];
  on(event: "heartbeat", listener: () => void): void;
}

interface RequestOptions {
  auth?: { readonly user: string; readonly password: string };
}

interface Request {
  readonly id: number;
  readonly op: "instances" | "exit";
  readonly service: string;
}

const env = process.env;
const { JS_CALLER_USERNAME: user, JS_CALLER_PASSWORD: password } = env;
const call = (method: (done: (error?: Error) => void) => void) =>
  new Promise<void>((resolve, reject) => method((error) => error ? reject(error) : resolve()));

// Not a literal: the package belongs to this program alone, not to the project's lock file.
const specifier: string = env.JS_CALLER_PACKAGE ?? "eureka-js-client";
const { Eureka } = await import(specifier) as {
  Eureka: new (options: object) => EurekaClient;
};
// Both parts as the package's README has them; no instanceId.
const { instance, eureka } = JSON.parse(env.JS_CALLER_CONFIG ?? "{}");
const client = new Eureka({
  instance,
  eureka,
  logger: LOGGER,
  requestMiddleware: (options: RequestOptions, done: (options: RequestOptions) => void) => {
    if (user && password) options.auth = { user, password };
    done(options);
  },
});
client.on("heartbeat", () => say({ event: "heartbeat" }));
try {
  await call((done) => client.start(done));
} catch (error) {
  complain(error);
  process.exit(1);
}
await serve(handle);

async function handle(request: Request): Promise<object> {
  if (request.op === "exit") {
    await call((done) => client.stop(done));
    return {};
  }
  const hosts = client.getInstancesByAppId(request.service);
  return {
    hosts: hosts.map(({ instanceId, hostName, ipAddr, port }) => ({
      // Where it registered without one, the server has none to give.
      instanceId: instanceId ?? hostName,
      host: ipAddr,
      port: port.$,
    })),
  };
}
