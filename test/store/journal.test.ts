// The journal as a file: what counts is there, whatever happened to it.

import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { openJournal, readJournal } from "../../src/store/journal.ts";
import { temporaryFolder } from "./records.ts";

const origin = "plimsoll/host/00000000";

test("what counts is there after any sequence of requests, however often the journal was written anew", (t) => {
  const file = join(temporaryFolder(t), "journal");
  const step = fc.record({ what: fc.constantFrom("open", "record", "forget"), pick: fc.nat(40), length: fc.nat(400) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const journal = openJournal(file, origin, 2000);
      const counting = new Map<string, string>();
      for (const [index, { what, pick, length }] of steps.entries()) {
        const known = [...counting.keys()][pick];
        if (what === "forget" && known !== undefined) {
          journal.forget([known]);
          counting.delete(known);
        } else {
          const id = what === "record" && known !== undefined ? known : `id${index}`;
          const text = JSON.stringify({ id, index, padding: "ü".repeat(length) });
          journal.put(id, text);
          counting.set(id, text);
        }
      }
      const { isOurs, texts, damaged } = readJournal(file, origin);
      journal.close();
      const newest = new Map(texts.map((text): [string, string] => [JSON.parse(text).id, text]));
      assert.deepEqual([isOurs, damaged, [...counting].filter(([id, text]) => newest.get(id) !== text)], [true, 0, []]);
    }),
    { numRuns: 60 },
  );
});

test("the journal does not grow with what the database took", (t) => {
  const file = join(temporaryFolder(t), "journal");
  const journal = openJournal(file, origin, 100_000);
  journal.put("stays", "first");
  for (let index = 0; index < 5000; index++) {
    journal.put(`id${index}`, "x".repeat(500));
    journal.forget([`id${index}`]);
  }
  const size = statSync(file).size;
  const { texts } = readJournal(file, origin);
  journal.forget(["stays"]);
  journal.close();
  assert.deepEqual([size < 300_000, texts[0], readJournal(file, origin).texts], [true, "first", []]);
});

test("compacting leaves the newest line of what counts", (t) => {
  const file = join(temporaryFolder(t), "journal");
  const journal = openJournal(file, origin, 100_000);
  for (let index = 0; index < 10; index++) journal.put(`id${index}`, `opening ${index}`);
  journal.forget(["id0", "id2", "id4", "id6", "id8"]);
  journal.put("id3", "record 3");
  journal.compact();
  journal.put("id10", "opening 10");
  const { texts } = readJournal(file, origin);
  journal.close();
  assert.deepEqual(texts.toSorted(), ["opening 1", "opening 10", "opening 5", "opening 7", "opening 9", "record 3"]);
});

test("a line that was changed, torn or put in is found out, and the others are read", (t) => {
  const file = join(temporaryFolder(t), "journal");
  const journal = openJournal(file, origin, 100_000);
  for (const text of ["one", "two", "three"]) journal.put(text, text);
  journal.close();
  const bytes = readFileSync(file);
  const read = (changed: Buffer | string): readonly unknown[] => {
    writeFileSync(file, changed);
    const { isOurs, texts, damaged } = readJournal(file, origin);
    return [isOurs, texts, damaged];
  };
  const text = bytes.toString();
  assert.deepEqual(
    {
      whole: read(bytes),
      changed: read(text.replace("two", "twö")),
      torn: read(bytes.subarray(0, bytes.length - 3)),
      zeros: read(Buffer.concat([bytes, Buffer.alloc(4096), Buffer.from("\n")])),
      putIn: read(`${text}{"id":"x"}\n\n00000000 \n`),
      twice: read(text + text.slice(text.indexOf("\n") + 1)),
      otherLog: read(text.replace("00000000", "00000001")),
      otherLogsLines: read(text.replace(origin, `${origin}1`).replace(`${origin}1`, origin)),
      noJournal: read("hello"),
      empty: read(""),
      headerTorn: read(bytes.subarray(0, 10)),
    },
    {
      whole: [true, ["one", "two", "three"], 0],
      changed: [true, ["one", "three"], 1],
      torn: [true, ["one", "two"], 0],
      zeros: [true, ["one", "two", "three"], 1],
      putIn: [true, ["one", "two", "three"], 3],
      twice: [true, ["one", "two", "three", "one", "two", "three"], 0],
      otherLog: [false, [], 0],
      otherLogsLines: [true, ["one", "two", "three"], 0],
      noJournal: [false, [], 0],
      empty: [true, [], 0],
      headerTorn: [false, [], 0],
    },
  );
});
