// Replay: what a candidate would change, over recorded calls.

import assert from "node:assert/strict";
import { test } from "node:test";
import { showReplay } from "../../src/cli/policy/run-replay.ts";
import { openTerminal } from "../../src/cli/terminal.ts";
import type { AuditRecord } from "../../src/model/audit.ts";
import type { Question } from "../../src/model/decision.ts";
import { replayRecords } from "../../src/policy/replay-records.ts";
import { logNote } from "../../src/store/log-note.ts";
import { load, question, root, shipped } from "./support.ts";

let serial = 0;

function record(asked: Question, changes: Partial<AuditRecord> = {}): AuditRecord {
  serial += 1;
  return {
    id: `01KAN3Q5M2V7WZ0F4T9X8C6B${String(serial).padStart(2, "0")}`,
    time: "2026-01-02T03:04:05.678Z",
    listener: "docker",
    mode: "enforce",
    caller: asked.principal,
    method: "POST",
    path: "/v1.41/containers/create",
    action: asked.action,
    resource: asked.resource,
    facts: asked.context,
    verdict: "allow",
    wouldDeny: false,
    rules: [],
    reason: "permitted",
    status: 200,
    bytesIn: 0,
    bytesOut: 0,
    durationMs: 1,
    end: "complete",
    ...changes,
  };
}

async function* stream(records: readonly AuditRecord[]): AsyncGenerator<AuditRecord> {
  yield* records;
}

const plain = question("container.create");
const privileged = question("container.create", { privileged: true });
const request = { id: "request/duplicate-key", kind: "request", file: "", line: 0 } as const;

test("a stricter candidate tells what it would deny, and how often", async () => {
  const records = [
    record(plain),
    record(plain),
    record(question("container.list")),
    record(privileged, { verdict: "deny" }),
  ];
  const report = await replayRecords(stream(records), load(shipped("baseline"), shipped("restricted")));
  assert.deepEqual(
    {
      ...report,
      changes: report.changes.map(({ id, caller, action, before, after, count }) => ({
        id,
        caller,
        action,
        before,
        after,
        count,
      })),
    },
    {
      evaluated: 4,
      skipped: { beforePolicy: 0, ownRecord: 0, truncated: 0 },
      unchanged: 2,
      newlyDenied: 2,
      newlyAllowed: 0,
      changes: [
        {
          id: records[0]?.id,
          caller: "unix:bob",
          action: "container.create",
          before: "allow",
          after: "deny",
          count: 2,
        },
      ],
    },
  );
});

test("a call that passed in observe counts as denied where policy would have refused it", async () => {
  const observed = record(privileged, { mode: "observe", wouldDeny: true });
  const same = await replayRecords(stream([observed]), load(shipped("baseline")));
  const open = await replayRecords(stream([observed]), load(shipped("observe")));
  assert.deepEqual([same.unchanged, open.newlyAllowed], [1, 1]);
});

test("records that policy never saw are left out, and counted", async () => {
  const note = logNote("audit/pruned", "old records were dropped", { recordsDropped: 3 }, 0);
  const cut = { ...plain, context: { ...plain.context, image: "", recordTruncated: true } };
  const records = [
    note,
    record(cut),
    record(cut),
    record(plain, { action: "unknown", verdict: "deny", rules: [request] }),
    record(plain, { verdict: "deny", rules: [request] }),
    record({ ...plain, context: {} }),
  ];
  const report = await replayRecords(stream(records), load(shipped("baseline")));
  const skipped = { beforePolicy: 3, ownRecord: 1, truncated: 2 };
  assert.deepEqual(report, { evaluated: 0, skipped, unchanged: 0, newlyDenied: 0, newlyAllowed: 0, changes: [] });
  const shown = { text: "" };
  const write = (text: string): void => {
    shown.text += text;
  };
  showReplay(report, openTerminal({ write }, {}));
  assert.match(shown.text, /skipped: 3 refused before policy, 2 too long to be recorded whole, 1 of the log itself\n$/);
});

test("callers are told apart", async () => {
  const foreign = { id: "c1", name: "web", owner: "unix:eve" };
  const remove = (principal: typeof root) => record(question("container.remove", {}, { principal, resource: foreign }));
  const report = await replayRecords(stream([remove(root), remove(plain.principal)]), load(shipped("baseline")));
  assert.deepEqual(
    report.changes.map(({ caller, rules }) => [caller, ...rules]),
    [["unix:bob", "invariant/foreign-object"]],
  );
});
