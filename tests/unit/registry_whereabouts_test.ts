import assert from "node:assert/strict";
import { createOwnAddress } from "../../src/registry/whereabouts.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createLogEvents } from "../support/log_events.ts";

const server = (host: string, ownAddress?: string) => ({ root: `http://${host}`, ownAddress });

Deno.test("createOwnAddress() gives the address that is set, and says nothing", () => {
  const { log, events } = createLogEvents(createFakeClock());
  const ipSeenFrom = createOwnAddress("10.0.0.7", log);
  assert.equal(ipSeenFrom(server("n1", "10.0.0.99")), "10.0.0.7");
  assert.deepEqual(events(), []);
});

Deno.test("createOwnAddress() gives our own on the way to each server, and says so once", () => {
  const { log, messages } = createLogEvents(createFakeClock());
  const ipSeenFrom = createOwnAddress(undefined, log);
  assert.equal(ipSeenFrom(server("n1", "10.0.0.7")), "10.0.0.7");
  assert.equal(ipSeenFrom(server("n2", "fd00::7")), "fd00::7");
  const said = messages("own_address");
  assert.equal(said.length, 1);
  assert.match(said[0] ?? "", /podip is not known: using 10\.0\.0\.7, .* to http:\/\/n1$/);
});
