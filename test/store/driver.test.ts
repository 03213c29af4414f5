// What every store driver has to do, tried on each.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Database, OpenOptions, StoreDriver } from "../../src/store/driver.ts";
import { drivers } from "../../src/store/drivers.generated.ts";
import { completed, opening, readAll, startStore, temporaryFolder } from "./records.ts";

const first = "CREATE TABLE thing (number INTEGER PRIMARY KEY, name TEXT NOT NULL)";
const second = "ALTER TABLE thing ADD COLUMN size INTEGER NOT NULL DEFAULT 7";

function openWith(driver: StoreDriver, file: string, changes: Partial<OpenOptions> = {}): Database {
  return driver.open(file, { access: "write", migrations: [first], busyTimeoutMs: 50, ...changes });
}

for (const driver of drivers) {
  test(`${driver.name}: a transaction that throws takes everything back`, (t) => {
    const database = openWith(driver, join(temporaryFolder(t), "db"));
    const add = (name: string): number => database.run("INSERT INTO thing (name) VALUES (?)", name);
    const changed = database.transact(() => add("kept"));
    assert.throws(() =>
      database.transact(() => {
        add("lost");
        throw new Error("no");
      }),
    );
    add("alone");
    const names = database.all("SELECT name FROM thing ORDER BY number").map((row) => row["name"]);
    const iterated = [...database.iterate("SELECT name FROM thing WHERE name = ?", "kept")].length;
    database.close();
    assert.deepEqual([changed, names, iterated], [1, ["kept", "alone"], 1]);
  });

  test(`${driver.name}: an older database is brought up to date once, and keeps its rows`, (t) => {
    const file = join(temporaryFolder(t), "db");
    const old = openWith(driver, file);
    old.run("INSERT INTO thing (name) VALUES ('x')");
    old.close();
    for (let round = 0; round < 2; round++) openWith(driver, file, { migrations: [first, second] }).close();
    const now = openWith(driver, file, { migrations: [first, second], access: "read" });
    const rows = now.all("SELECT name, size FROM thing").map(({ name, size }) => ({ name, size }));
    now.close();
    assert.deepEqual(rows, [{ name: "x", size: 7 }]);
  });

  test(`${driver.name}: a migration that fails leaves the database as it was`, (t) => {
    const file = join(temporaryFolder(t), "db");
    openWith(driver, file).close();
    assert.throws(() => openWith(driver, file, { migrations: [first, "CREATE TABLE other (a); NONSENSE"] }), {
      code: "STORE_UNAVAILABLE",
    });
    const database = openWith(driver, file);
    database.run("INSERT INTO thing (name) VALUES ('still here')");
    assert.throws(() => database.all("SELECT * FROM other"));
    database.close();
  });

  test(`${driver.name}: a database of a newer plimsoll, and one that is too old to read, are refused with a hint`, (t) => {
    const file = join(temporaryFolder(t), "db");
    openWith(driver, file, { migrations: [first, second] }).close();
    assert.throws(() => openWith(driver, file), {
      code: "STORE_UNAVAILABLE",
      message: /schema version 2, expected at most 1/,
    });
    assert.throws(() => openWith(driver, file, { migrations: [first, second, "SELECT 1"], access: "read" }), {
      code: "STORE_UNAVAILABLE",
      hint: /start plimsoll once/,
    });
  });

  test(`${driver.name}: files are private, also when they were there with other rights`, (t) => {
    const file = join(temporaryFolder(t), "db");
    writeFileSync(file, "", { mode: 0o666 });
    const database = openWith(driver, file);
    database.run("INSERT INTO thing (name) VALUES ('x')");
    const modes = [file, `${file}-wal`].map((name) => statSync(name).mode & 0o777);
    database.close();
    assert.deepEqual(modes, [0o600, 0o600]);
  });

  test(`${driver.name}: reading while another connection writes sees one moment`, async (t) => {
    const file = join(temporaryFolder(t), "db");
    const writer = openWith(driver, file);
    const reader = openWith(driver, file, { access: "read" });
    const count = (): unknown => reader.all("SELECT count(*) AS n FROM thing")[0]?.["n"];
    const seen = reader.snapshot(() => {
      const before = count();
      writer.run("INSERT INTO thing (name) VALUES ('new')");
      return [before, count()];
    });
    await writer.sync();
    assert.deepEqual([seen, count()], [[0, 0], 1]);
    assert.throws(() => reader.run("DELETE FROM thing"));
    reader.close();
    writer.close();
  });
}

test("somebody who holds the database's lock makes enforce refuse, for as long as they hold it; nothing is lost", async (t) => {
  const folder = temporaryFolder(t);
  let nowMs = Date.now();
  const store = await startStore({ folder, nowMs: () => nowMs, onProblem: () => {} });
  const release = await holdLock(t, join(folder, "audit.db"));
  const stream = opening();
  const before = opening();
  await store.audit.open(stream);
  await store.audit.close(before, completed); // the journal has it
  store.audit.flush();
  const refusal = store.audit.open(opening());
  await assert.rejects(refusal, { code: "AUDIT_UNAVAILABLE" });
  await store.audit.close(stream, completed);
  const whileHeld = [store.audit.isFull(), (await readAll(folder)).length];
  await release();
  nowMs += 5000;
  const after = opening();
  await store.audit.open(after);
  await store.audit.close(after, completed);
  const records = await readAll(folder);
  assert.deepEqual(
    [whileHeld, store.audit.isFull(), records.map(({ id, method, rules }) => (method === "" ? rules[0]?.id : id))],
    [[true, 0], false, [before.id, "audit/full", stream.id, "audit/room-again", after.id]],
  );
});

async function holdLock(t: TestContext, file: string): Promise<() => Promise<void>> {
  const program = `const { DatabaseSync } = require("node:sqlite"); const d = new DatabaseSync(process.argv[1]); d.exec("BEGIN IMMEDIATE"); console.log("held"); setInterval(() => {}, 1000)`;
  const holder = spawn(process.execPath, ["--no-warnings", "-e", program, file]);
  const exited = once(holder, "exit");
  t.after(() => holder.kill("SIGKILL"));
  await once(holder.stdout, "data");
  return async () => {
    holder.kill("SIGKILL");
    await exited;
  };
}
