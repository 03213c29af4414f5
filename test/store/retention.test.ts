// Dropping old records without losing the proof that they were there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type AuditTables, auditTables } from "../../src/store/audit-tables.ts";
import { AuditWriter } from "../../src/store/audit-writer.ts";
import { layReserve } from "../../src/store/disk-room.ts";
import type { Database } from "../../src/store/driver.ts";
import { sqlite } from "../../src/store/drivers/sqlite.ts";
import { type Journal, openJournal, readJournal } from "../../src/store/journal.ts";
import { loadTree } from "../../src/store/merkle.ts";
import { auditMigrations } from "../../src/store/migrations.ts";
import { dropDueRecords, type RetentionRules } from "../../src/store/retention.ts";
import { loadGrowth } from "../../src/store/tree-growth.ts";
import { verifyLog } from "../../src/store/verify-log.ts";
import { completed, logRequests, opening, readAll, startStore, temporaryFolder } from "./records.ts";

const day = 86_400_000;

test("records older than the days to keep go by whole tiles, and every checkpoint still verifies", async (t) => {
  const folder = temporaryFolder(t);
  const store = await startStore({ folder, checkpointEveryRecords: 100 });
  await logRequests(store, 800, { time: new Date(Date.now() - 40 * day).toISOString() });
  const kept = await store.audit.checkpoint();
  await logRequests(store, 300);
  await store.close();
  assert.equal(dropAll(folder, { keepDays: 30, maxBytes: 0 }), 768);
  const again = await startStore({ folder });
  await again.close();
  const { firstKept, records, problems } = verifyLog({ folder, kept });
  assert.deepEqual(
    { firstKept, records, problems, left: (await readAll(folder)).length },
    { firstKept: 768, records: 1101, problems: [], left: 1101 - 768 },
  );
});

test("a log over its size loses its oldest records, never the newest", async (t) => {
  const folder = temporaryFolder(t);
  const store = await startStore({ folder });
  await logRequests(store, 3000);
  await store.close();
  const dropped = dropAll(folder, { keepDays: 0, maxBytes: 1_000_000 });
  const one = dropAll(folder, { keepDays: 0, maxBytes: 1 });
  const { firstKept, problems } = verifyLog({ folder });
  assert.deepEqual(
    { some: dropped > 0 && dropped < one, nearlyAll: one > 2000 && one <= 3000 - 200, firstKept, problems },
    { some: true, nearlyAll: true, firstKept: one, problems: [] },
  );
});

test("records are kept for ever unless somebody says otherwise", async (t) => {
  const folder = temporaryFolder(t);
  const store = await startStore({ folder });
  await logRequests(store, 600, { time: "2001-01-01T00:00:00.000Z" });
  await store.close();
  assert.equal(dropAll(folder, { keepDays: 0, maxBytes: 0 }), 0);
});

test("the log itself tells how many records were dropped", async (t) => {
  const folder = temporaryFolder(t);
  const store = await startStore({ folder });
  await logRequests(store, 600, { time: "2001-01-01T00:00:00.000Z" });
  await store.close();
  dropAll(folder, { keepDays: 1, maxBytes: 0 });
  const note = (await readAll(folder)).at(-1);
  assert.deepEqual([note?.rules[0]?.id, note?.facts["dropped"], note?.caller.id], ["audit/pruned", 256, "plimsoll"]);
  assert.ok(readFileSync(join(folder, "audit.db")).length > 0);
});

test("requests whose records were dropped are not taken for interrupted ones after a crash", async (t) => {
  const folder = temporaryFolder(t);
  const database = sqlite.open(join(folder, "audit.db"), writing);
  const tables = auditTables(database);
  const journal = openJournal(join(folder, "journal"), "log", 1_000_000);
  const writer = newWriter({ folder, database, tables, journal });
  const stream = opening();
  await writer.open(stream);
  for (let index = 0; index < 600; index++) {
    const request = opening({ time: "2001-01-01T00:00:00.000Z" });
    await writer.open(request);
    await writer.close(request, completed);
  }
  writer.flush();
  while (dropDueRecords({ keepDays: 1, maxBytes: 0, database, tables, journal, writer, nowMs: Date.now }));
  assert.deepEqual(
    readJournal(join(folder, "journal"), "log").texts.map((text) => JSON.parse(text).id),
    [stream.id],
  );
  journal.close();
  database.close();
});

type Parts = {
  readonly folder: string;
  readonly database: Database;
  readonly tables: AuditTables;
  readonly journal: Journal;
};

const writing = { access: "write", migrations: auditMigrations, busyTimeoutMs: 100 } as const;

function newWriter({ folder, ...parts }: Parts): AuditWriter {
  return new AuditWriter({
    ...parts,
    ...{ nowMs: Date.now, onFull: "refuse", onCommit: () => {}, tell: () => {} },
    log: loadGrowth(loadTree(parts.tables.span().end, parts.tables.readHash), parts.tables),
    room: layReserve(join(folder, "reserve"), 4096, 1000),
  });
}

/** Steps until nothing is due. @returns the position of the first record that is left */
function dropAll(folder: string, rules: RetentionRules): number {
  const database = sqlite.open(join(folder, "audit.db"), writing);
  const tables = auditTables(database);
  const journal = openJournal(join(folder, "journal"), "log", 1024);
  const writer = newWriter({ folder, database, tables, journal });
  for (let step = 0; dropDueRecords({ ...rules, database, tables, journal, writer, nowMs: Date.now }); step++)
    assert.ok(step < 50);
  const { start } = tables.span();
  journal.close();
  database.close();
  return start;
}
