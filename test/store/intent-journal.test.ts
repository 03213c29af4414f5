// The journal of requests without an end.

import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { openIntentJournal, readIntents } from "../../src/store/intent-journal.ts";
import { temporaryFolder } from "./records.ts";

test("what is still open is there after any sequence of requests, however often the journal was written anew", (t) => {
  const file = join(temporaryFolder(t), "intents");
  const step = fc.record({ isEnd: fc.boolean(), pick: fc.nat(40), length: fc.nat(400) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const journal = openIntentJournal(file, 2000);
      const open = new Map<string, string>();
      for (const [index, { isEnd, pick, length }] of steps.entries()) {
        const known = [...open.keys()][pick];
        if (isEnd && known !== undefined) {
          journal.end(known);
          open.delete(known);
        } else {
          const opening = JSON.stringify({ id: `id${index}`, padding: "ü".repeat(length) });
          journal.add(`id${index}`, opening);
          open.set(`id${index}`, opening);
        }
      }
      const lines = readIntents(file);
      const counted = journal.count();
      journal.close();
      assert.deepEqual([[...open.values()].filter((line) => !lines.includes(line)), counted], [[], open.size]);
      assert.ok(lines.every((line) => JSON.parse(line).id.startsWith("id")));
    }),
    { numRuns: 60 },
  );
});

test("the journal does not grow with requests that ended", (t) => {
  const file = join(temporaryFolder(t), "intents");
  const journal = openIntentJournal(file, 100_000);
  journal.add("stays", "first");
  for (let index = 0; index < 5000; index++) {
    journal.add(`id${index}`, "x".repeat(500));
    journal.end(`id${index}`);
  }
  const size = statSync(file).size;
  journal.end("stays");
  journal.close();
  assert.deepEqual([size < 300_000, readFileSync(file, "utf8")], [true, ""]);
});

test("compacting leaves the requests without an end", (t) => {
  const file = join(temporaryFolder(t), "intents");
  const journal = openIntentJournal(file, 100_000);
  for (let index = 0; index < 10; index++) journal.add(`id${index}`, `{"id":${index}}`);
  for (let index = 0; index < 10; index += 2) journal.end(`id${index}`);
  journal.compact();
  journal.add("id10", '{"id":10}');
  const lines = readIntents(file);
  journal.close();
  assert.deepEqual(
    lines,
    [1, 3, 5, 7, 9, 10].map((index) => `{"id":${index}}`),
  );
});
