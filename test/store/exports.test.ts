// Records in other tools' words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalJson } from "../../src/base/canonical-json.ts";
import type { AuditRecord } from "../../src/model/audit.ts";
import { actionKind } from "../../src/store/exports/action-kind.ts";
import { toEcs } from "../../src/store/exports/ecs.ts";
import { exportLine } from "../../src/store/exports/export-format.ts";
import { toOcsf } from "../../src/store/exports/ocsf.ts";
import { completed, opening, refused } from "./records.ts";

const denied: AuditRecord = {
  ...opening({
    verdict: "deny",
    reason: "privileged containers reach host root",
    rules: [{ id: "baseline/no-privileged", kind: "policy", file: "policies/baseline.cedar", line: 40 }],
    caller: {
      ...{ id: "unix:bob", kind: "unix", name: "bob", groups: ["unix:dev"], owner: "unix:bob", provider: "unix-peer" },
      process: { pid: 77, uid: 1001, gid: 1001, executable: "/usr/bin/docker" },
    },
    time: "2026-05-01T10:00:00.250Z",
  }),
  ...refused,
};

test("a refusal in OCSF is an API activity that was blocked, with caller, policy and technique", () => {
  const event = toOcsf(denied);
  assert.deepEqual(
    [
      [event["class_uid"], event["type_uid"], event["activity_id"], event["time"], event["duration"]],
      [event["action_id"], event["disposition_id"], event["status_id"], event["severity_id"]],
      event["policy"],
      event["attacks"],
      event["unmapped"],
    ],
    [
      [6003, 600301, 1, Date.parse("2026-05-01T10:00:00.250Z"), 1],
      [2, 2, 2, 3],
      { uid: "baseline/no-privileged", name: "baseline/no-privileged", desc: denied.reason },
      [
        {
          version: "17.1",
          technique: { uid: "T1611", name: "Escape to Host" },
          tactic: { name: "Privilege Escalation" },
        },
      ],
      { record: denied },
    ],
  );
});

test("a call that only would have been refused is observed, not blocked", () => {
  const event = toOcsf({ ...denied, ...completed, verdict: "allow", wouldDeny: true, mode: "observe" });
  assert.deepEqual(
    [event["action"], event["disposition"], event["status_id"], event["severity_id"]],
    ["Observed", "Detected", 1, 3],
  );
});

test("a refusal in ECS has the names that Elastic knows", () => {
  const event = toEcs(denied);
  const names = [
    "event.action",
    "event.type",
    "event.outcome",
    "event.duration",
    "user.id",
    "process.pid",
    "rule.id",
    "rule.reference",
    "http.response.status_code",
  ];
  assert.deepEqual(
    names.map((name) => event[name]),
    [
      "container.create",
      ["creation", "denied"],
      "failure",
      700_000,
      "unix:bob",
      77,
      "baseline/no-privileged",
      "policies/baseline.cedar:40",
      403,
    ],
  );
});

test("an exported line is one line, whatever is in the record", () => {
  const hostile = { ...denied, path: "/containers/a\nb\u2028c", reason: "\u001b[2J\r\n" };
  assert.deepEqual(
    (["jsonl", "ocsf", "ecs"] as const).map((format) => exportLine(hostile, format).split("\n").length),
    [1, 1, 1],
  );
  assert.equal(exportLine(denied, "jsonl"), canonicalJson(denied));
});

test("every kind of action has a word in other schemas", () => {
  const actions = [
    "container.create",
    "container.archive.read",
    "exec.start",
    "volume.remove",
    "image.build.prune",
    "system.grpc",
    "unknown",
  ] as const;
  assert.deepEqual(actions.map(actionKind), ["create", "read", "update", "delete", "delete", "other", "other"]);
});
