// Hashing in a thread beside the reader: the same digests, the same refusals, and never a reader that waits for ever.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { PlimsollError } from "../../src/base/errors.ts";
import { readFileRange, readFileRangeHere } from "../../src/image/layer/file-range.ts";
import { hashBeside, hashHere, type LayerHash, pieceBytes } from "../../src/image/layer/layer-hash.ts";
import { type ExpectedLayer, type ReadingHelp, readLayer } from "../../src/image/layer/read-layer.ts";
import { defaultImageLimits } from "../../src/image/limits.ts";
import { archive, file, member } from "../support/hostile-tar.ts";
import { scratch } from "../support/oci-image.ts";
import { nothingExpected } from "../support/read-tar.ts";

const mediaType = "application/vnd.oci.image.layer.v1.tar";
/** Large enough for a thread of its own, and not a whole number of pieces. */
const large = archive(
  file("a"),
  member({ name: "large", data: Buffer.concat([randomBytes(1_000_001), Buffer.alloc(66_000_000, "x")]) }),
  file("b"),
);

async function digestBy(hash: LayerHash, pieces: readonly Buffer[]): Promise<string> {
  try {
    for (const piece of pieces) {
      const given = hash.memory?.().subarray(0, piece.length);
      const isPiece = given !== undefined && piece.length === given.length;
      if (isPiece) piece.copy(given);
      await hash.update(isPiece ? given : piece);
    }
    return await hash.digest();
  } finally {
    hash.close();
  }
}

test("a thread beside makes the same digest of pieces of all sizes, also of those in memory that others use", async () => {
  const size = fc.oneof(fc.integer({ min: 0, max: 70 }), fc.integer({ min: 0, max: pieceBytes + 70 }));
  await fc.assert(
    fc.asyncProperty(fc.array(size, { maxLength: 12 }), async (sizes) => {
      const pieces = sizes.map((bytes) => Buffer.from(randomBytes(bytes)));
      const expected = createHash("sha256").update(Buffer.concat(pieces)).digest("hex");
      const copies = pieces.map((piece) => Buffer.from(piece));
      assert.deepEqual(
        [await digestBy(hashHere(), pieces), await digestBy(hashBeside(), copies)],
        [expected, expected],
      );
    }),
    { numRuns: 10 },
  );
});

test("when the thread has ended, who wants to go on is told", async () => {
  const hash = hashBeside();
  await hash.update(Buffer.alloc(10));
  hash.close();
  await assert.rejects(async () => {
    for (;;) await hash.update(Buffer.alloc(pieceBytes));
  }, /thread that hashed the layer has ended/);
  await assert.rejects(hash.digest(), /has ended/);
});

type Answer = { readonly digest: string; readonly files: readonly string[] } | { readonly refused: string };

async function read(path: string, bytes: Buffer, expected: Partial<ExpectedLayer>, help: ReadingHelp): Promise<Answer> {
  await writeFile(path, bytes);
  const files: string[] = [];
  const visit = ({ path: name }: { readonly path: string }): undefined => {
    files.push(name);
    return undefined;
  };
  const range = { kind: "file", path, offset: 0, length: bytes.length } as const;
  const wanted = { ...nothingExpected, mediaType, ...expected };
  try {
    const { digest } = await readLayer(range, wanted, defaultImageLimits, { visit }, { help });
    return { digest, files };
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    return { refused: thrown.code };
  }
}

const digestOf = (bytes: Buffer): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const broken = Buffer.from(large);
broken.fill(0xff, broken.lastIndexOf("b\0\0\0"));
const cut = large.subarray(0, -100_000);
const other = digestOf(Buffer.from("other"));
const zipped = gzipSync(large, { level: 1 });
const cutZip = zipped.subarray(0, -1000);
const zip = { mediaType: `${mediaType}+gzip` };
const helps: readonly ReadingHelp[] = ["hash", "read-ahead", "none"];

const rows: readonly (readonly [what: string, bytes: Buffer, expected: Partial<ExpectedLayer>, answer: Answer])[] = [
  ["is read", large, { digest: digestOf(large) }, { digest: digestOf(large), files: ["a", "large", "b"] }],
  ["with another digest is refused", large, { digest: other }, { refused: "DIGEST_MISMATCH" }],
  ["with another diffID is refused", large, { diffId: other }, { refused: "DIGEST_MISMATCH" }],
  ["longer than its descriptor says is refused", large, { size: 66_000_000 }, { refused: "DIGEST_MISMATCH" }],
  [
    "that is broken is malformed when its digest is right",
    broken,
    { digest: digestOf(broken) },
    { refused: "MALFORMED_INPUT" },
  ],
  ["that is broken is another one when its digest is wrong", broken, { digest: other }, { refused: "DIGEST_MISMATCH" }],
  [
    "in gzip is read",
    zipped,
    { ...zip, digest: digestOf(zipped) },
    { digest: digestOf(zipped), files: ["a", "large", "b"] },
  ],
  [
    "in gzip that is cut short is malformed",
    cutZip,
    { ...zip, digest: digestOf(cutZip) },
    { refused: "MALFORMED_INPUT" },
  ],
  ["that is cut short is malformed", cut, { digest: digestOf(cut) }, { refused: "MALFORMED_INPUT" }],
];
for (const [what, bytes, expected, answer] of rows) {
  test(`a large layer ${what}, whatever other threads do for the one that reads it`, async (t) => {
    const path = join(await scratch(t), "layer.tar");
    const answers = [];
    for (const help of helps) answers.push(await read(path, bytes, expected, help));
    assert.deepEqual(answers, [answer, answer, answer]);
  });
}

test("a piece of a layer stays what it is until the next but one is asked for, whoever reads: zlib still has it", async (t) => {
  const path = join(await scratch(t), "layer.tar");
  await writeFile(path, large);
  const range = { path, offset: 0, length: large.length };
  for (const pieces of [readFileRange(range), readFileRangeHere(range)]) {
    let before: Buffer = Buffer.alloc(0);
    let [at, same] = [0, true];
    for await (const piece of pieces) {
      same &&= large.subarray(at - before.length, at).equals(before);
      before = piece;
      at += piece.length;
    }
    assert.deepEqual([at, same], [large.length, true]);
  }
});

test("a file that ends before its layer does is malformed, and so is a pipe in its place", async (t) => {
  const folder = await scratch(t);
  const path = join(folder, "layer.tar");
  await writeFile(path, large.subarray(0, 1000));
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  for (const [file, help] of [...helps.map((each) => [path, each] as const), [pipe, "none"] as const]) {
    const range = { kind: "file", path: file, offset: 0, length: large.length } as const;
    const visit = (): undefined => undefined;
    const reading = readLayer(range, { ...nothingExpected, mediaType }, defaultImageLimits, { visit }, { help });
    await assert.rejects(reading, { code: "MALFORMED_INPUT" }, `${file} ${help}`);
  }
});

test("a reader that stops in the middle takes its thread with it", async (t) => {
  const path = join(await scratch(t), "layer.tar");
  await writeFile(path, large);
  const range = { kind: "file", path, offset: 0, length: large.length } as const;
  const visit = (): never => {
    throw new Error("no more");
  };
  const reading = readLayer(range, { ...nothingExpected, mediaType }, defaultImageLimits, { visit }, { help: "hash" });
  await assert.rejects(reading, /no more/);
});
