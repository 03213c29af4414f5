// Checkpoints that are told to somebody else.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { verifyLog } from "../../src/store/verify-log.ts";
import { checkpointWitness } from "../../src/store/witness.ts";
import { logRequests, startStore, temporaryFolder } from "./records.ts";

test("a witness hears the first checkpoint at once and then one an hour", async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, "witness");
  const lines: string[] = [];
  let nowMs = 0;
  const onCheckpoint = checkpointWitness({
    file,
    print: (line) => lines.push(line),
    everyMs: 3_600_000,
    nowMs: () => nowMs,
  });
  const store = await startStore({ folder, onCheckpoint });
  for (const later of [0, 1_800_000, 3_600_000, 3_700_000, 7_300_000]) {
    nowMs = later;
    await logRequests(store, 10);
    await store.audit.checkpoint();
  }
  await store.close();
  const notes = readFileSync(file, "utf8")
    .split(/(?<=\n— .*\n)\n/)
    .filter((note) => note !== "");
  const sizes = notes.map((note) => Number(note.split("\n")[1]));
  assert.deepEqual(
    [sizes, lines.map((line) => Number(line.split(" ")[3]))],
    [
      [0, 30, 50],
      [0, 30, 50],
    ],
  );
  // Each is a checkpoint that verify takes.
  assert.deepEqual(verifyLog({ folder, kept: notes[1] ?? "" }).problems, []);
  writeFileSync(join(folder, "kept"), notes[2] ?? "");
});
