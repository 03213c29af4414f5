// Every feed: reads its publisher's format, tells what it could not read, and comes to no harm by hostile bytes.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { PlimsollError } from "../../../src/base/errors.ts";
import type { AdvisoryFeed, FeedRecord } from "../../../src/findings/advisory-feed.ts";
import { advisoryFeeds } from "../../../src/findings/advisory-feeds.generated.ts";
import { temporaryFolder } from "../database-of.ts";
import { type Sample, samples } from "./samples.ts";

const maxFuzzMs = 4000;

function toLine(record: FeedRecord): string {
  if (record.kind === "exploitation") return [record.id, record.epss, record.isKnownExploited].join(" ");
  if (record.kind === "support") return Object.values(record.support).join(" ");
  const { advisory } = record;
  return [
    advisory.namespace,
    advisory.package,
    [advisory.id, ...advisory.aliases].join(","),
    advisory.ranges[0]?.fixed || "-",
    advisory.fixState,
    advisory.severity,
    ...(advisory.module === "" ? [] : [advisory.module]),
    ...(advisory.isUnimportant ? ["unimportant"] : []),
  ].join(" ");
}

async function readSample(feed: AdvisoryFeed, sample: Sample, path: string) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, sample.content);
  const file = feed.files.find(({ name }) => name === sample.file);
  assert.ok(file, `${feed.name} has no file ${sample.file}`);
  const problems: string[] = [];
  const records: FeedRecord[] = [];
  for await (const record of feed.read(file, path, (what) => problems.push(what))) records.push(record);
  return { lines: records.map(toLine), problems };
}

async function isReadOrRefused(feed: AdvisoryFeed, sample: Sample, path: string): Promise<void> {
  try {
    await readSample(feed, sample, path);
  } catch (thrown) {
    const isBrokenCompression = thrown instanceof Error && "code" in thrown && /^Z_|^ZSTD_/.test(String(thrown.code));
    assert.ok(thrown instanceof PlimsollError || isBrokenCompression, String(thrown));
  }
}

test("every feed has a sample", () => {
  assert.deepEqual(
    advisoryFeeds.map(({ name }) => name),
    Object.keys(samples).sort(),
  );
});

for (const feed of advisoryFeeds) {
  const sample = samples[feed.name];
  if (sample === undefined) continue;
  const pathOf = (t: TestContext): string => join(temporaryFolder(t), sample.file);

  test(`${feed.name}: reads what its publisher writes`, async (t) => {
    const { lines, problems } = await readSample(feed, sample, pathOf(t));
    assert.deepEqual(lines, sample.expected);
    assert.equal(problems.length, sample.problems, problems.join("\n"));
  });

  test(`${feed.name}: any bytes at all are read or refused, nothing else`, async (t) => {
    const path = pathOf(t);
    const words = fc.constantFrom(
      ...'{}[]":,\n\t\r #<>-.0v'.split(""),
      "\0",
      "PK\x03\x04",
      "\x1f\x8b\x08",
      "(\xb5/\xfd",
      "id",
      "null",
    );
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 500 }),
      fc.array(words, { maxLength: 80 }).map((parts) => Buffer.from(parts.join(""), "latin1")),
      fc.jsonValue({ maxDepth: 4 }).map((value) => Buffer.from(JSON.stringify(value))),
    );
    await fc.assert(
      fc.asyncProperty(content, (bytes) => isReadOrRefused(feed, { ...sample, content: bytes }, path)),
      { numRuns: 150, interruptAfterTimeLimit: maxFuzzMs },
    );
  });

  test(`${feed.name}: changed and cut files are read or refused, nothing else`, async (t) => {
    const path = pathOf(t);
    const { length } = sample.content;
    const change = fc.record({ at: fc.nat(length - 1), byte: fc.nat(255), cut: fc.option(fc.nat(length)) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const copy = Uint8Array.from(sample.content);
        for (const { at, byte } of changes) copy[at] = byte;
        const cut = changes[0]?.cut ?? length;
        await isReadOrRefused(feed, { ...sample, content: copy.subarray(0, cut) }, path);
      }),
      { numRuns: 250, interruptAfterTimeLimit: maxFuzzMs },
    );
  });
}
