import { type ClientCalls, clientCalls } from "./client_calls.ts";
import { createLine, type Generation, type Send } from "./dialect.ts";
import { type InstanceCalls, instanceCalls } from "./instance_calls.ts";
import { type ServiceCalls, serviceCalls } from "./service_calls.ts";
import { v1 } from "./v1.ts";
import { v3 } from "./v3.ts";

/** What one server can be asked, in the words of its generation. */
export interface Api extends InstanceCalls, ServiceCalls, ClientCalls {
  readonly generation: Generation;
  /** For a request of no generation. */
  readonly send: Send;
}

const DIALECTS = { v1, v3 };

export function createApi(generation: Generation, send: Send): Api {
  const line = createLine(DIALECTS[generation], send);
  return { generation, send, ...instanceCalls(line), ...serviceCalls(line), ...clientCalls(line) };
}
