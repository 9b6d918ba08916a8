import assert from "node:assert/strict";
import { clientCertificateOf } from "../../src/http/tls.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createLogEvents } from "../support/log_events.ts";

Deno.test("clientCertificateOf() takes both or none, and says which is missing", () => {
  const { log, events, messages } = createLogEvents(createFakeClock());
  assert.deepEqual(clientCertificateOf("c", "k", log), { cert: "c", key: "k" });
  assert.equal(clientCertificateOf(undefined, undefined, log), undefined);
  assert.deepEqual(events(), []);
  assert.equal(clientCertificateOf("c", undefined, log), undefined);
  assert.equal(clientCertificateOf(undefined, "k", log), undefined);
  const [noKey = "", noCertificate = ""] = messages("no_client_certificate");
  assert.match(noKey, /no key \(CLIENT_KEY_FILE\): connecting without a client certificate$/);
  assert.match(noCertificate, /no certificate \(CLIENT_CERT_FILE\): connecting without/);
});
