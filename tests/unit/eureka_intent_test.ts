import assert from "node:assert/strict";
import { marked, markPauseMs, othersWishOf, unmarked } from "../../src/registry/eureka/intent.ts";
import type { EurekaInstance } from "../../src/registry/eureka/instance.ts";

const OUT: EurekaInstance = {
  id: "pod-1",
  ipAddr: "10.0.0.7",
  ports: [8080],
  status: "OUT_OF_SERVICE",
  override: "OUT_OF_SERVICE",
  renewedAt: 1,
  dirtyAt: 1_795_704_056_500,
  metadata: {},
};

Deno.test("marked() moves a time up by a second at most, and only once", () => {
  for (let dirtyAt = 1_795_704_056_500; dirtyAt < 1_795_704_058_600; dirtyAt += 7) {
    const at = marked({ dirtyAt }) ?? 0;
    assert.ok(at >= dirtyAt && at <= dirtyAt + 1_024, `${dirtyAt} ${at}`);
    assert.equal(marked({ dirtyAt: at }), at);
    assert.equal(othersWishOf([{ ...OUT, dirtyAt: at }]), undefined);
    const without = unmarked({ dirtyAt: at }) ?? 0;
    assert.ok(without > at, "a server keeps the later one");
    assert.equal(unmarked({ dirtyAt: without }), undefined);
  }
});

Deno.test("markPauseMs() waits for a mark that would lie in the future, a second at most", () => {
  const { dirtyAt } = OUT;
  const at = marked(OUT) ?? 0;
  assert.equal(markPauseMs(OUT, dirtyAt), at - dirtyAt);
  assert.equal(markPauseMs(OUT, at), 0);
  assert.equal(markPauseMs(OUT, dirtyAt + 60_000), 0);
  assert.equal(markPauseMs(OUT, dirtyAt - 60_000), 0, "the clocks differ");
  assert.equal(markPauseMs({ dirtyAt: 0 }, dirtyAt), 0);
});

Deno.test("marked() leaves alone what the server does not say", () => {
  assert.equal(marked({ dirtyAt: 0 }), undefined);
  assert.equal(unmarked({ dirtyAt: 0 }), undefined);
});

Deno.test("othersWishOf() tells the app, somebody else and `offline` apart", () => {
  assert.match(othersWishOf([OUT]) ?? "", /somebody else has written OUT_OF_SERVICE/);
  const down = { ...OUT, status: "DOWN", override: "DOWN" };
  assert.match(othersWishOf([down]) ?? "", /written DOWN over .* \(an override\)/);
  const own = { ...OUT, override: "UNKNOWN" };
  assert.match(othersWishOf([own]) ?? "", /its app has registered itself as OUT_OF_SERVICE/);
  const ours = { ...OUT, dirtyAt: marked(OUT) ?? 0 };
  assert.equal(othersWishOf([ours]), undefined);
  assert.equal(othersWishOf([OUT, ours]), undefined);
  assert.equal(othersWishOf([{ ...OUT, status: "UP", override: "UNKNOWN" }]), undefined);
});

Deno.test("othersWishOf() cannot tell on a server without times", () => {
  assert.equal(othersWishOf([{ ...OUT, override: "UNKNOWN", renewedAt: undefined }]), undefined);
});
