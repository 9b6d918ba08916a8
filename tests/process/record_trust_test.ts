/** What of a record is believed, and what else may stand in its place. Each case has its own /tmp. */

import assert from "node:assert/strict";
import { sideBySide } from "../support/at_once.ts";
import { assertEnd, drained } from "../support/ends.ts";
import { type Lab, startLab } from "../support/lab.ts";
import type { LabRun } from "../support/lab_runs.ts";

const DRAIN_SECONDS = 2;
const FOLDER = "/tmp/service-offline-0";
const RECORD = `"$(echo ${FOLDER}/*.json)"`;
/** An empty /tmp, as an emptyDir with an fsGroup is. */
const EMPTY = "mount -t tmpfs -o mode=2777 tmp /tmp";
const ENDED = `${EMPTY}; "$@" >/dev/null`;
/** The same, as if it had been killed at its end. */
const CUT_OFF = `${ENDED}; sed -i 's/"finishedAt":[0-9]*/"finishedAt":0/' ${RECORD}`;

const test = sideBySide("what of a record is believed");

/** Takes the instance out after a script has made a /tmp for this run alone; another looks at it. */
function runIn(lab: Lab, before: string, after = "true"): Promise<LabRun> {
  const script = `set -e; ${before}; "$@"; ${after} || exit 99`;
  return lab.run("offline", {
    DRAIN_SECONDS: String(DRAIN_SECONDS),
    TERMINATION_GRACE_PERIOD_SECONDS: "120",
    PATH: Deno.env.get("PATH"),
  }, { launcher: ["unshare", "--mount", "sh", "-c", script, "sh"] });
}

/** Whether a record still is as {@linkcode CUT_OFF} has left it. */
const isOpen = (path: string) => `grep -q '"finishedAt":0' ${path}`;
/** Whether the run has left its record, for its owner only. */
const IS_THERE = `! ${isOpen(RECORD)} && [ "$(stat -c %a ${RECORD})" = 600 ]`;

test("its own record of a run that was cut off is gone on with", async () => {
  await using lab = await startLab();
  const run = await runIn(lab, CUT_OFF, IS_THERE);
  assertEnd(run, "done", /is out of service already/);
  assert.match(run.stdout, /resuming an interrupted run/);
  assert.ok(run.requests.length > 0);
});

const records: Record<string, string> = {
  "of another user": `chown 1000 ${RECORD}`,
  "that others may write": `chmod 0602 ${RECORD}`,
  "that others may read": `chmod 0640 ${RECORD}`,
  "behind a link": `r=${RECORD}; mv "$r" /tmp/x; ln -s /tmp/x "$r"`,
};
for (const [which, script] of Object.entries(records)) {
  test(`a record ${which} is as none, and replaced`, async () => {
    await using lab = await startLab();
    const kept = which === "behind a link" ? ` && ${isOpen("/tmp/x")}` : "";
    const run = await runIn(lab, `${CUT_OFF}; ${script}`, IS_THERE + kept);
    assertEnd(run, "done", /is out of service/, drained(DRAIN_SECONDS));
    assert.doesNotMatch(run.stdout, /goes on with|no record/);
  });
}

const folders: Record<string, [script: string, where: string]> = {
  "of another user": [`chown 1000 ${FOLDER}`, FOLDER],
  "that others may write to": [`chmod 0777 ${FOLDER}`, FOLDER],
  "behind a link": [`mv ${FOLDER} /tmp/x; ln -s /tmp/x ${FOLDER}`, "/tmp/x"],
};
for (const [which, [script, where]] of Object.entries(folders)) {
  test(`a folder ${which} is neither read nor written, and that is said once`, async () => {
    await using lab = await startLab();
    const untouched = `${isOpen(`${where}/*`)} && [ "$(ls ${where} | wc -l)" = 1 ] && ` +
      `[ "$(ls /tmp | grep -c offline)" = 1 ]`;
    const run = await runIn(lab, `${CUT_OFF}; ${script}`, untouched);
    assertEnd(run, "done", /is out of service/, drained(DRAIN_SECONDS));
    assert.doesNotMatch(run.stdout, /goes on with/);
    assert.equal(run.stdout.match(/no record can be kept \(.*not this user's own/g)?.length, 1);
  });
}

const places: Record<string, string> = {
  "a pipe": `r=${RECORD}; rm "$r"; mkfifo -m 600 "$r"`,
  "a device without end": `r=${RECORD}; rm "$r"; ln -s /dev/zero "$r"`,
  "2 MiB": `head -c 2097152 /dev/zero >${RECORD}`,
  "no text": `printf '{"run":"\\377\\376"}' >${RECORD}`,
  "a moment that no clock has": `sed -i 's/"deadline":[0-9]*/"deadline":1e300/' ${RECORD}`,
  "a run of the next century": `sed -i 's/At":1/At":4/g' ${RECORD}`,
};
for (const [what, script] of Object.entries(places)) {
  test(`${what} in the record's place is as none, and replaced`, async () => {
    await using lab = await startLab();
    const run = await runIn(lab, `${CUT_OFF}; ${script}`, IS_THERE);
    assertEnd(run, "done", /is out of service/, drained(DRAIN_SECONDS));
    assert.doesNotMatch(run.stdout, /goes on with|no record/);
  });
}

const disks: Record<string, [script: string, reason: RegExp]> = {
  "read-only": ["mount -t tmpfs -o ro tmp /tmp", /Read-only file system/],
  "full": [
    "mount -t tmpfs -o size=4k,mode=1777 tmp /tmp; head -c 4096 /dev/zero >/tmp/full",
    /No space left/,
  ],
  "without inodes": ["mount -t tmpfs -o nr_inodes=1 tmp /tmp", /No space left/],
};
for (const [which, [script, reason]] of Object.entries(disks)) {
  test(`a /tmp that is ${which}: no record, a whole drain`, async () => {
    await using lab = await startLab();
    const run = await runIn(lab, script);
    assertEnd(run, "done", /is out of service/, drained(DRAIN_SECONDS));
    assert.match(run.stdout, reason);
    assert.equal(run.stdout.match(/no record can be kept/g)?.length, 1);
    assert.deepEqual(await lab.callersGet(), []);
  });
}

test("users that share a /tmp have a folder each", async () => {
  await using lab = await startLab();
  const both = `[ "$(ls -d /tmp/service-offline-* | wc -l)" = 2 ]`;
  const run = await runIn(
    lab,
    `${ENDED}; mv ${FOLDER} ${FOLDER}x; chown -R 1000 ${FOLDER}x; mv ${FOLDER}x ` +
      `/tmp/service-offline-1000`,
    `${both} && ${IS_THERE}`,
  );
  assertEnd(run, "done", drained(DRAIN_SECONDS));
});
