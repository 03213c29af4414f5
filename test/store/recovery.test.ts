// A process that dies between two steps. What it leaves is copied from its folder at that moment, changed where a disk or
// a power cut would have changed it, and opened by the next process: nothing promised is missing, nothing is there twice.

import assert from "node:assert/strict";
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { AuditOpening } from "../../src/model/audit.ts";
import type { Database, StoreDriver } from "../../src/store/driver.ts";
import { sqlite } from "../../src/store/drivers/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { verifyLog } from "../../src/store/verify-log.ts";
import { completed, logRequests, opening, readAll, refused, startStore, temporaryFolder } from "./records.ts";

test("died after the opening was written: the request is recorded as interrupted", async (t) => {
  const { folder, store } = await running(t);
  const request = opening();
  await store.audit.open(request);
  assert.deepEqual(await afterwards(leftIn(t, folder)), {
    ends: [[request.id, "interrupted"]],
    told: [],
    problems: [],
  });
});

test("died after the records were promised and before the database had them: each is there once, as it was promised", async (t) => {
  const { folder, store } = await running(t);
  const [stream, done, denied] = await threeRequests(store);
  const left = leftIn(t, folder);
  const expected = [
    [done.id, "complete"],
    [denied.id, "refused"],
    [stream.id, "interrupted"],
  ];
  assert.deepEqual(await afterwards(left), { ends: expected, told: [], problems: [] });
  assert.deepEqual((await readAll(left))[0], { ...done, ...completed });
});

test("died after the database had the records and before the journal was shortened: none is there twice", async (t) => {
  const { folder, store } = await running(t);
  const [stream, done, denied] = await threeRequests(store);
  const before = readFileSync(join(folder, "journal"));
  store.audit.flush();
  const left = leftIn(t, folder);
  writeFileSync(join(left, "journal"), before);
  const expected = [
    [done.id, "complete"],
    [denied.id, "refused"],
    [stream.id, "interrupted"],
  ];
  assert.deepEqual(await afterwards(left), { ends: expected, told: [], problems: [] });
  // And once more: the next process died at the same point.
  writeFileSync(join(left, "journal"), before);
  assert.deepEqual(await afterwards(left), { ends: expected, told: [], problems: [] });
});

test("a journal of records that fill tiles already adds nothing, however long it is", async (t) => {
  const { folder, store } = await running(t);
  const requests = Array.from({ length: 700 }, () => opening());
  for (const request of requests) await store.audit.close(request, completed);
  const before = readFileSync(join(folder, "journal"));
  store.audit.flush();
  const left = leftIn(t, folder);
  writeFileSync(join(left, "journal"), before);
  const { ends, problems } = await afterwards(left);
  assert.deepEqual([ends.map(([id]) => id), problems], [requests.map(({ id }) => id), []]);
});

test("died while the journal was written anew: the old one counts", async (t) => {
  const { folder, store } = await running(t);
  const [stream] = await threeRequests(store);
  store.audit.flush();
  const left = leftIn(t, folder);
  writeFileSync(join(left, "journal.new"), readFileSync(join(folder, "journal")).subarray(0, 100));
  const { ends, problems } = await afterwards(left);
  assert.deepEqual([ends.at(-1), problems], [[stream.id, "interrupted"], []]);
});

test("a last line without its end was never promised", async (t) => {
  const { folder, store } = await running(t);
  const [stream, done, denied] = await threeRequests(store);
  const left = leftIn(t, folder);
  const bytes = readFileSync(join(left, "journal"));
  writeFileSync(join(left, "journal"), bytes.subarray(0, bytes.length - 40));
  assert.deepEqual(await afterwards(left), {
    ends: [
      [done.id, "complete"],
      [stream.id, "interrupted"],
    ],
    told: [],
    problems: [],
  });
  assert.ok(denied.id.length > 0);
});

test("a line that reads well and is not what was written does not get into the log; the file is kept as evidence", async (t) => {
  const { folder, store } = await running(t);
  const [stream, done] = await threeRequests(store);
  const left = leftIn(t, folder);
  const forged = readFileSync(join(left, "journal"), "utf8").replace('"reason":"no","', '"reason":"ok","');
  writeFileSync(join(left, "journal"), forged);
  const { ends, told, problems } = await afterwards(left);
  const aside = readdirSync(left).filter((name) => name.startsWith("journal.aside-"));
  assert.deepEqual(
    {
      ends,
      told: told.map((notice) => /: 1 lines cannot be read: .*the file is kept as /.test(notice)),
      problems,
      aside: aside.map((name) => readFileSync(join(left, name), "utf8") === forged),
    },
    {
      ends: [
        [done.id, "complete"],
        [stream.id, "interrupted"],
      ],
      told: [true],
      problems: [],
      aside: [true],
    },
  );
});

test("lines that stand twice count once, and the first record of a request is the one", async (t) => {
  const { folder, store } = await running(t);
  const [stream, done, denied] = await threeRequests(store);
  const left = leftIn(t, folder);
  const text = readFileSync(join(left, "journal"), "utf8");
  appendFileSync(join(left, "journal"), text.slice(text.indexOf("\n") + 1));
  const { ends, told, problems } = await afterwards(left);
  assert.deepEqual([ends.map(([id]) => id), told, problems], [[done.id, denied.id, stream.id], [], []]);
});

test("the journal of another log adds nothing and is kept", async (t) => {
  const { folder, store } = await running(t);
  await threeRequests(store);
  const other = await running(t);
  await logRequests(other.store, 2);
  const left = leftIn(t, other.folder);
  copyFileSync(join(folder, "journal"), join(left, "journal"));
  const { ends, told, problems } = await afterwards(left);
  assert.deepEqual(
    {
      records: ends.length,
      told: told.map((notice) => /this is not the journal of plimsoll\/.*nothing was taken from it/.test(notice)),
      problems,
      kept: readdirSync(left).filter((name) => name.startsWith("journal.aside-")).length,
    },
    { records: 2, told: [true], problems: [], kept: 1 },
  );
});

test("a transaction that fails in the middle leaves nothing behind, and a later one takes everything", async (t) => {
  const folder = temporaryFolder(t);
  let failures = 0;
  const told: string[] = [];
  let nowMs = Date.now();
  const driver = failing(() => failures-- > 0);
  const store = await startStore({
    folder,
    driver,
    nowMs: () => nowMs,
    onProblem: (cause) => told.push(String(cause)),
  });
  await logRequests(store, 300);
  const [stream, done, denied] = await threeRequests(store);
  failures = 1;
  store.audit.flush();
  const refusedMeanwhile = await store.audit.open(opening()).then(
    () => "",
    ({ code }) => code,
  );
  await store.audit.close(stream, completed);
  nowMs += 5000;
  const later = opening();
  await store.audit.open(later);
  await store.audit.close(later, completed);
  await store.close();
  const ends = (await readAll(folder)).slice(300).map(({ id, method, rules }) => (method === "" ? rules[0]?.id : id));
  assert.deepEqual(
    [refusedMeanwhile, ends, told.length, verifyLog({ folder }).problems],
    ["AUDIT_UNAVAILABLE", [done.id, denied.id, "audit/full", stream.id, "audit/room-again", later.id], 2, []],
  );
});

type Running = { readonly folder: string; readonly store: Store };

/** In a folder of its own below the one that the test removes. */
async function running(t: TestContext): Promise<Running> {
  const folder = join(temporaryFolder(t), "state");
  return { folder, store: await startStore({ folder }) };
}

/** One that goes on, one that ended, one that was refused. */
async function threeRequests(store: Store): Promise<readonly [AuditOpening, AuditOpening, AuditOpening]> {
  const stream = opening({ action: "container.logs" });
  const done = opening();
  const denied = opening({ verdict: "deny", reason: "no" });
  for (const request of [stream, done]) await store.audit.open(request);
  await store.audit.close(done, completed);
  await store.audit.close(denied, refused);
  return [stream, done, denied];
}

/** What a kill at this moment leaves: the same bytes, held by nobody. */
function leftIn(t: TestContext, folder: string): string {
  const copy = join(temporaryFolder(t), "state");
  mkdirSync(copy, { mode: 0o700 });
  const names = readdirSync(folder).filter((name) => !["lock", "holder"].includes(name) && !name.endsWith("-shm"));
  for (const name of names) copyFileSync(join(folder, name), join(copy, name));
  return copy;
}

type Afterwards = {
  readonly ends: readonly (readonly [id: string, end: string])[];
  readonly told: readonly string[];
  readonly problems: readonly unknown[];
};

/** The next process starts and stops. */
async function afterwards(folder: string): Promise<Afterwards> {
  const told: string[] = [];
  const store = await startStore({ folder, onProblem: (cause) => told.push(String(cause)) });
  await store.close();
  const records = await readAll(folder);
  return { ends: records.map(({ id, end }) => [id, end] as const), told, problems: verifyLog({ folder }).problems };
}

/** SQLite, but a transaction breaks after its work and before its commit whenever `isDue` says so. */
function failing(isDue: () => boolean): StoreDriver {
  const breaking = (database: Database): Database => ({
    ...database,
    transact: (work) =>
      database.transact(() => {
        const result = work();
        if (isDue()) throw new Error("input/output error");
        return result;
      }),
  });
  return { ...sqlite, open: (file, options) => breaking(sqlite.open(file, options)) };
}
