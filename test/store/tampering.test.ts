// What somebody with write access to the database may try, and what verify says to it.

import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import { leafHash } from "../../src/store/merkle.ts";
import { openStore } from "../../src/store/store.ts";
import { verifyLog } from "../../src/store/verify-log.ts";
import { logRequests, startStore, temporaryFolder } from "./records.ts";

/** A closed log of 600 records: two whole tiles and a part, with checkpoints on the way. */
async function closedLog(t: TestContext, records: number = 600): Promise<string> {
  const folder = temporaryFolder(t);
  const store = await startStore({ folder, checkpointEveryRecords: 64 });
  for (let left = records; left > 0; left -= 64) await logRequests(store, Math.min(64, left));
  await store.close();
  return folder;
}

function tamper(folder: string, change: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(join(folder, "audit.db"));
  change(database);
  database.close();
}

/** What verify says, and whether the log may still be opened for writing. */
async function judge(
  folder: string,
  kept?: string,
): Promise<{ readonly found: readonly string[]; readonly start: string }> {
  const { problems } = verifyLog({ folder, ...(kept === undefined ? {} : { kept }) });
  const start = await openStore({ folder, reserveBytes: 4096 }).then(
    async (store) => {
      await store.close();
      return "opened";
    },
    (thrown: unknown) => (thrown instanceof PlimsollError ? thrown.code : String(thrown)),
  );
  return { found: problems.map(({ kind, position, message }) => `${kind} ${position}: ${message}`), start };
}

const bodyOf = (database: DatabaseSync, position: number): string =>
  String(database.prepare("SELECT body FROM entry WHERE position = ?").get(position)?.["body"]);
const setBody = (database: DatabaseSync, position: number, body: string): void => {
  database.prepare("UPDATE entry SET body = ? WHERE position = ?").run(body, position);
};

test("an untouched log verifies and opens", async (t) => {
  assert.deepEqual(await judge(await closedLog(t)), { found: [], start: "opened" });
});

test("one changed record is named, with what it says now", async (t) => {
  const folder = await closedLog(t);
  tamper(folder, (database) => setBody(database, 300, bodyOf(database, 300).replace("alice", "mallory")));
  const { found, start } = await judge(folder);
  assert.deepEqual(
    [found.length, found[0]?.startsWith("record 300: record 300 was changed: it now reads {"), start],
    [1, true, "LOG_CORRUPT"],
  );
});

test("a changed record in the newest, unfinished tile is found by the checkpoint", async (t) => {
  const folder = await closedLog(t);
  tamper(folder, (database) => setBody(database, 595, bodyOf(database, 595).replace("alice", "mallory")));
  const { found, start } = await judge(folder);
  assert.deepEqual(
    [
      found.length,
      /^checkpoint \d+: the log is not the one .* something between record \d+ and record 599 was changed$/.test(
        found[0] ?? "",
      ),
      start,
    ],
    [1, true, "LOG_CORRUPT"],
  );
});

test("a deleted record is named", async (t) => {
  const folder = await closedLog(t);
  tamper(folder, (database) => database.exec("DELETE FROM entry WHERE position = 17"));
  assert.deepEqual(await judge(folder), { found: ["record 17: record 17 is missing"], start: "LOG_CORRUPT" });
});

test("two records that changed places are named with where they came from", async (t) => {
  const folder = await closedLog(t);
  tamper(folder, (database) => {
    const [first, second] = [bodyOf(database, 10), bodyOf(database, 20)];
    setBody(database, 10, second);
    setBody(database, 20, first);
  });
  assert.deepEqual((await judge(folder)).found, [
    "record 10: record 10 was changed: it is what was logged as record 20",
    "record 20: record 20 was changed: it is what was logged as record 10",
  ]);
});

test("records cut off at the end are missed", async (t) => {
  const folder = await closedLog(t);
  tamper(folder, (database) => database.exec("DELETE FROM entry WHERE position >= 590"));
  const { found, start } = await judge(folder);
  assert.deepEqual(
    [
      found.includes(
        "truncated 590: the checkpoint at 600 records vouches for 600 records, the log has 590: records were cut off, or an older copy was put back",
      ),
      start,
    ],
    [true, "LOG_CORRUPT"],
  );
});

test("records cut off at the beginning are not taken for retention", async (t) => {
  const folder = await closedLog(t);
  tamper(folder, (database) => {
    database.exec("DELETE FROM entry WHERE position < 256");
    database.exec("INSERT INTO setting VALUES ('droppedRecords', '256')");
  });
  assert.deepEqual((await judge(folder)).found, [
    "retention 256: the log begins with record 256, but retention has dropped 0 records",
  ]);
});

test("a record changed together with its hash no longer makes its tile", async (t) => {
  const folder = await closedLog(t);
  tamper(folder, (database) => changeWithHash(database, 5));
  const { found, start } = await judge(folder);
  assert.deepEqual(
    [found[0]?.startsWith("checkpoint 0:"), found[1], start],
    [true, "hash 0: records 0 to 255 do not make the hash that was stored for them", "LOG_CORRUPT"],
  );
});

test("a tile whose hashes were thrown away is missed", async (t) => {
  const folder = await closedLog(t);
  tamper(folder, (database) => database.exec("DELETE FROM tile WHERE level = 0 AND number = 1"));
  const { found, start } = await judge(folder);
  assert.deepEqual([found[0], start], ["hash 256: the hash of record 256 is missing", "LOG_CORRUPT"]);
});

test("an index that leads to another record is noticed", async (t) => {
  const folder = await closedLog(t);
  tamper(folder, (database) => database.exec("UPDATE entry_id SET position = 9 WHERE position = 8"));
  assert.match((await judge(folder)).found[0] ?? "", /^index 8: record 8 \([0-9A-Z]{26}\) cannot be found by its id$/);
});

test("a checkpoint signed by another key is refused", async (t) => {
  const folder = await closedLog(t);
  const other = await closedLog(t, 1);
  for (const name of ["audit-key.pem", "audit-key.pub"]) copyFileSync(join(other, name), join(folder, name));
  const { found, start } = await judge(folder);
  assert.deepEqual(
    [found.every((line) => line.startsWith("signature") || line.startsWith("checkpoint")), found.length > 5, start],
    [true, true, "LOG_CORRUPT"],
  );
});

test("a forged checkpoint and a lost key are refused", async (t) => {
  const folder = await closedLog(t);
  tamper(folder, (database) =>
    database.exec(
      "UPDATE checkpoint SET note = replace(note, char(10) || size || char(10), char(10) || (size - 1) || char(10))",
    ),
  );
  const { found, start } = await judge(folder);
  assert.deepEqual([found.every((line) => /^(signature|checkpoint)/.test(line)), start], [true, "LOG_CORRUPT"]);
  rmSync(join(folder, "audit-key.pem"));
  assert.equal((await judge(folder)).start, "LOG_CORRUPT");
});

test("an older copy of the database is found by the checkpoint beside it", async (t) => {
  const folder = await closedLog(t, 100);
  const old = join(folder, "old.db");
  copyFileSync(join(folder, "audit.db"), old);
  const store = await startStore({ folder });
  await logRequests(store, 50);
  await store.close();
  putBack(folder, old);
  const { found, start } = await judge(folder);
  assert.deepEqual(
    [found, start],
    [
      [
        "truncated 100: the checkpoint file beside the log vouches for 150 records, the log has 100: records were cut off, or an older copy was put back",
      ],
      "LOG_CORRUPT",
    ],
  );
});

test("an older copy of everything is found by the checkpoint that somebody kept", async (t) => {
  const folder = await closedLog(t, 100);
  const old = join(folder, "old.db");
  copyFileSync(join(folder, "audit.db"), old);
  const oldNote = readFileSync(join(folder, "checkpoint"), "utf8");
  const store = await startStore({ folder });
  await logRequests(store, 50);
  const kept = await store.audit.checkpoint();
  await store.close();
  putBack(folder, old);
  writeFileSync(join(folder, "checkpoint"), oldNote);
  assert.deepEqual(
    [(await judge(folder)).found, (await judge(folder, kept)).found],
    [
      [],
      [
        "truncated 100: the checkpoint you kept vouches for 150 records, the log has 100: records were cut off, or an older copy was put back",
      ],
    ],
  );
  // The log goes on from the old copy and grows past the kept size: it is another history now.
  const forked = await startStore({ folder });
  await logRequests(forked, 60);
  await forked.close();
  assert.deepEqual((await judge(folder, kept)).found, [
    "checkpoint 100: the log is not the one that the checkpoint you kept vouches for: something between record 100 and record 149 was changed",
  ]);
});

test("a whole log rewritten and signed with the real key is found by the checkpoint that somebody kept", async (t) => {
  const folder = await closedLog(t, 300);
  const kept = readFileSync(join(folder, "checkpoint"), "utf8");
  const origin = kept.split("\n")[0] ?? "";
  for (const name of ["audit.db", "checkpoint"]) rmSync(join(folder, name));
  const empty = await startStore({ folder });
  await empty.close();
  rmSync(join(folder, "checkpoint"));
  tamper(folder, (database) => {
    database.exec("DELETE FROM checkpoint");
    database.prepare("UPDATE setting SET value = ? WHERE name = 'origin'").run(origin);
  });
  const forged = await startStore({ folder });
  await logRequests(forged, 310);
  await forged.close();
  assert.deepEqual(
    [(await judge(folder)).found, (await judge(folder, kept)).found],
    [
      [],
      [
        "checkpoint 0: the log is not the one that the checkpoint you kept vouches for: something between record 0 and record 299 was changed",
      ],
    ],
  );
});

test("bytes that are no database are an error with a sentence, and nothing stays locked", async (t) => {
  const folder = await closedLog(t, 3);
  writeFileSync(join(folder, "audit.db"), "not a database, but longer than a header of one hundred bytes".repeat(4));
  await assert.rejects(openStore({ folder, reserveBytes: 4096 }), { code: "STORE_UNAVAILABLE" });
  // What the hint of LOG_CORRUPT says.
  rmSync(join(folder, "audit.db"));
  rmSync(join(folder, "checkpoint"));
  await startStore({ folder });
  assert.ok(existsSync(join(folder, "audit.db")));
});

function changeWithHash(database: DatabaseSync, position: number): void {
  setBody(database, position, bodyOf(database, position).replace("alice", "mallory"));
  const row = database.prepare("SELECT hashes FROM tile WHERE level = 0 AND number = 0").get()?.["hashes"];
  assert.ok(row instanceof Uint8Array);
  row.set(leafHash(Buffer.from(bodyOf(database, position))), position * 32);
  database.prepare("UPDATE tile SET hashes = ? WHERE level = 0 AND number = 0").run(row);
}

function putBack(folder: string, old: string): void {
  for (const end of ["", "-wal", "-shm"]) rmSync(join(folder, `audit.db${end}`), { force: true });
  copyFileSync(old, join(folder, "audit.db"));
}
