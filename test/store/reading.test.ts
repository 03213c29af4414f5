// Reading the log while it is written, with filters, and following it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuditRecord } from "../../src/model/audit.ts";
import type { AuditFilter } from "../../src/store/audit-filter.ts";
import { findRecord, readAudit } from "../../src/store/read-audit.ts";
import { completed, logRequests, opening, readAll, refused, startStore, temporaryFolder } from "./records.ts";

test("filters match exactly, and only actions have a pattern", async (t) => {
  const folder = temporaryFolder(t);
  const store = await startStore({ folder });
  const requests = [
    opening({ action: "container.create", caller: { ...opening().caller, id: "unix:bob", name: "bob" } }),
    opening({ action: "container.list", listener: "ci" }),
    opening({ action: "image.pull", verdict: "deny" }),
    opening({ action: "image.pull", wouldDeny: true, mode: "observe" }),
  ];
  for (const request of requests) await store.audit.close(request, refused);
  store.audit.flush();
  const found = async (filter: AuditFilter): Promise<number[]> => {
    const numbers: number[] = [];
    for await (const { id } of readAudit({ folder, ...filter }))
      numbers.push(requests.findIndex((one) => one.id === id));
    return numbers;
  };
  assert.deepEqual(
    [
      await found({ caller: "bob" }),
      await found({ caller: "unix:bob" }),
      await found({ caller: "bo" }),
      await found({ action: "container.*" }),
      await found({ action: "container" }),
      await found({ action: "image.pull", verdict: "would-deny" }),
      await found({ verdict: "deny" }),
      await found({ listener: "ci" }),
    ],
    [[0], [0], [], [0, 1], [], [3], [2], [1]],
  );
});

test("since finds a request by when it began, however late it ended", async (t) => {
  const folder = temporaryFolder(t);
  const store = await startStore({ folder });
  await logRequests(store, 300);
  const middle = opening();
  await store.audit.open(middle);
  await logRequests(store, 300);
  await store.audit.close(middle, completed);
  store.audit.flush();
  const sinceMs = Date.parse(middle.time);
  const found: AuditRecord[] = [];
  for await (const record of readAudit({ folder, sinceMs })) found.push(record);
  const expected = (await readAll(folder)).filter((record) => Date.parse(record.time) >= sinceMs);
  assert.deepEqual([found.map(({ id }) => id), found.at(-1)?.id], [expected.map(({ id }) => id), middle.id]);
});

test("the newest so many are found from the end, oldest first", async (t) => {
  const folder = temporaryFolder(t);
  const store = await startStore({ folder });
  await logRequests(store, 1200);
  const all = await readAll(folder);
  const last: AuditRecord[] = [];
  for await (const record of readAudit({ folder, last: 700 })) last.push(record);
  assert.deepEqual(last, all.slice(-700));
});

test("a follower sees records as they are written, and stops when told", async (t) => {
  const folder = temporaryFolder(t);
  const store = await startStore({ folder });
  await logRequests(store, 5);
  const stop = new AbortController();
  const seen: string[] = [];
  const wanted = opening();
  for await (const record of readAudit({ folder, last: 2, follow: stop.signal })) {
    seen.push(record.id);
    if (seen.length === 2) await store.audit.close(wanted, refused);
    if (seen.length === 3) stop.abort();
  }
  assert.deepEqual([seen.length, seen.at(-1)], [3, wanted.id]);
});

test("one record is found by its id, in old tiles and among the newest; any other id is not", async (t) => {
  const folder = temporaryFolder(t);
  const store = await startStore({ folder });
  await logRequests(store, 600);
  const all = await readAll(folder);
  const sample = [0, 255, 256, 511, 512, 599].map((index) => all[index]);
  assert.deepEqual(
    [
      sample.map((record) => findRecord(folder, record?.id ?? "")),
      findRecord(folder, opening().id),
      findRecord(folder, "'"),
    ],
    [sample, undefined, undefined],
  );
});

test("a folder without a log is an error with a hint", async (t) => {
  const folder = temporaryFolder(t);
  await assert.rejects(readAll(folder), { code: "NOT_FOUND" });
});
