// The audit log as the gate uses it: real files, real restarts.

import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import type { AuditRecord } from "../../src/model/audit.ts";
import { findRecord } from "../../src/store/read-audit.ts";
import { verifyLog } from "../../src/store/verify-log.ts";
import { completed, logRequests, opening, readAll, refused, startStore, temporaryFolder } from "./records.ts";

test("a request that was opened and closed is one record with both halves", async (t) => {
  const folder = temporaryFolder(t);
  const store = await startStore({ folder });
  const request = opening();
  await store.audit.open(request);
  await store.audit.close(request, completed);
  assert.deepEqual(await readAll(folder), [{ ...request, ...completed }]);
});

test("a request that was refused without being opened is one record too", async (t) => {
  const folder = temporaryFolder(t);
  const store = await startStore({ folder });
  const request = opening({ verdict: "deny", reason: "privileged containers reach host root" });
  await store.audit.close(request, refused);
  assert.deepEqual(await readAll(folder), [{ ...request, ...refused }]);
});

test("a request that is closed twice keeps its first record and is shown once", async (t) => {
  const folder = temporaryFolder(t);
  const store = await startStore({ folder });
  const shown: AuditRecord[] = [];
  store.audit.onRecord((record) => shown.push(record));
  const request = opening();
  await store.audit.open(request);
  await store.audit.close(request, completed);
  await store.audit.close(request, refused);
  assert.deepEqual(
    { shown: shown.map((record) => record.status), stored: (await readAll(folder)).length },
    { shown: [201], stored: 1 },
  );
});

test("a live view that throws is left out, and no request suffers", async (t) => {
  const store = await startStore({ folder: temporaryFolder(t) });
  let calls = 0;
  store.audit.onRecord(() => {
    calls++;
    throw new Error("broken view");
  });
  await store.audit.close(opening(), refused);
  await store.audit.close(opening(), refused);
  assert.deepEqual([calls, store.audit.size()], [1, 2]);
});

test("after a restart the same tree goes on", async (t) => {
  const folder = temporaryFolder(t);
  const first = await startStore({ folder });
  await logRequests(first, 700);
  const { origin } = first.audit;
  const root = first.audit.root();
  await first.close();
  const second = await startStore({ folder });
  assert.deepEqual([second.audit.size(), second.audit.root(), second.audit.origin], [700, root, origin]);
  await logRequests(second, 100);
  await second.close();
  const { records, problems, unsigned } = verifyLog({ folder });
  assert.deepEqual({ records, problems, unsigned }, { records: 800, problems: [], unsigned: 0 });
});

test("every file of the state folder is closed to other users", async (t) => {
  const folder = join(temporaryFolder(t), "state");
  const store = await startStore({ folder });
  await store.audit.open(opening());
  await store.audit.checkpoint();
  const modes = [
    "",
    "audit.db",
    "audit.db-wal",
    "state.db",
    "audit-key.pem",
    "journal",
    "reserve",
    "lock",
    "checkpoint",
  ].map((name) => [name, (statSync(join(folder, name)).mode & 0o077).toString(8)]);
  assert.deepEqual(
    modes.filter(([, others]) => others !== "0"),
    [],
  );
});

test("a record that is too long for the log is cut, says so, and stays a record", async (t) => {
  const folder = temporaryFolder(t);
  const store = await startStore({ folder });
  const long = opening({
    path: `/containers/${"x".repeat(5000)}`,
    facts: {
      hostBinds: Array.from({ length: 3000 }, (_, index) => `/srv/${index}/${"\u001b".repeat(20)}`),
      privileged: true,
    },
  });
  await store.audit.open(long);
  await store.audit.close(long, completed);
  store.audit.flush();
  const record = findRecord(folder, long.id);
  const binds = record?.facts["hostBinds"];
  assert.deepEqual(
    [
      record?.facts["recordTruncated"],
      record?.facts["privileged"],
      Array.isArray(binds) && binds.length,
      record?.status,
    ],
    [true, true, 64, 201],
  );
});

test("a record whose thousands of facts are hopeless keeps who, what and the verdict", async (t) => {
  const folder = temporaryFolder(t);
  const store = await startStore({ folder });
  const facts = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`fact${index}`, "y".repeat(2000)]));
  const long = opening({ facts });
  await store.audit.close(long, refused);
  store.audit.flush();
  store.audit.flush();
  const record = findRecord(folder, long.id);
  assert.deepEqual(
    [record?.facts, record?.caller, record?.reason],
    [{ recordTruncated: true }, long.caller, long.reason],
  );
});

test("a second process is told who holds the folder", async (t) => {
  const folder = temporaryFolder(t);
  const first = await startStore({ folder });
  await assert.rejects(startStore({ folder }), (thrown) => {
    assert.ok(thrown instanceof PlimsollError);
    assert.deepEqual([thrown.code, thrown.message.includes(`(pid ${process.pid})`)], ["ALREADY_RUNNING", true]);
    return true;
  });
  await first.close();
  await (await startStore({ folder })).close();
});

test("a checkpoint is a signed note that names origin, size and root", async (t) => {
  const folder = temporaryFolder(t);
  const published: string[] = [];
  const store = await startStore({ folder, onCheckpoint: (note) => published.push(note) });
  await logRequests(store, 3);
  const note = await store.audit.checkpoint();
  const [origin, size, root, empty, signature] = note.split("\n");
  assert.deepEqual(
    [origin, size, Buffer.from(root ?? "", "base64").toString("hex"), empty, signature?.startsWith(`— ${origin} `)],
    [store.audit.origin, "3", store.audit.root(), "", true],
  );
  assert.deepEqual([published.at(-1), readFileSync(join(folder, "checkpoint"), "utf8")], [note, note]);
});

test("a checkpoint is made after so many records without being asked", async (t) => {
  const folder = temporaryFolder(t);
  const published: string[] = [];
  const store = await startStore({
    folder,
    checkpointEveryRecords: 100,
    onCheckpoint: (note) => published.push(note),
  });
  await logRequests(store, 1300);
  await store.close();
  const sizes = published.map((note) => Number(note.split("\n")[1]));
  assert.deepEqual([sizes[0], sizes.at(-1), sizes.length >= 3], [0, 1300, true]);
});
