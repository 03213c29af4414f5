// Rows Z1 to Z8 of docs/images.md: compression as an attack. And the limits that hold whatever the bytes say.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { constants, createGzip, gzipSync, zstdCompressSync } from "node:zlib";
import { readLayer } from "../../src/image/layer/read-layer.ts";
import { defaultImageLimits } from "../../src/image/limits.ts";
import { archive, endMark, file, member, pax } from "../support/hostile-tar.ts";
import { scratch } from "../support/oci-image.ts";
import { nothingExpected, type ReadOptions, readTar, verdictOf } from "../support/read-tar.ts";

const tar = archive(file("a"), file("b", "b".repeat(100_000)));
const gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
const zstd = "application/vnd.oci.image.layer.v1.tar+zstd";
const plain = "application/vnd.oci.image.layer.v1.tar";
const zeros = gzipSync(archive(member({ name: "zeros", data: Buffer.alloc(80 * 1024 * 1024) })));
/** A frame that says it needs a window of 2 GiB. Source: RFC 8878, section 3.1.1.1. */
const hugeWindow = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00]);
const skippable = Buffer.concat([Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]), Buffer.from("skip")]);
const half = Math.floor(tar.length / 2);

type Row = readonly [
  id: string,
  what: string,
  bytes: Buffer,
  options: ReadOptions,
  verdict: ReturnType<typeof verdictOf>,
];

const expecting = (mediaType: string): ReadOptions => ({ expected: { mediaType } });
const rows: readonly Row[] = [
  ["Z0", "gzip", gzipSync(tar), expecting(gzip), []],
  ["Z0b", "zstd", zstdCompressSync(tar), expecting(zstd), []],
  ["Z1", "a gzip bomb", zeros, { ...expecting(gzip), limits: { maxInflateRatio: 100 } }, "limit"],
  [
    "Z1b",
    "a zstd bomb",
    zstdCompressSync(Buffer.alloc(80 * 1024 * 1024)),
    { ...expecting(zstd), limits: { maxInflateRatio: 100 } },
    "limit",
  ],
  ["Z1c", "more bytes than a layer may have", gzipSync(tar), { limits: { maxLayerBytes: 50_000 } }, "limit"],
  ["Z1d", "more stored bytes than a layer may have", tar, { limits: { maxLayerBytes: 50_000 } }, "limit"],
  ["Z2", "gzip in gzip", gzipSync(gzipSync(tar)), expecting(gzip), "refused"],
  ["Z3", "a zstd window of 2 GiB", hugeWindow, expecting(zstd), "refused"],
  [
    "Z3b",
    "zstd frames, some to be skipped",
    Buffer.concat([
      zstdCompressSync(tar.subarray(0, half)),
      skippable,
      zstdCompressSync(tar.subarray(half)),
      skippable,
    ]),
    expecting(zstd),
    [],
  ],
  ["Z3c", "a frame to be skipped at first", Buffer.concat([skippable, zstdCompressSync(tar)]), expecting(zstd), []],
  [
    "Z4",
    "several gzip members",
    Buffer.concat([gzipSync(tar.subarray(0, half)), gzipSync(tar.subarray(half))]),
    expecting(gzip),
    [],
  ],
  ["Z5", "gzip, then garbage", Buffer.concat([gzipSync(tar), Buffer.from("garbage")]), expecting(gzip), "refused"],
  ["Z5b", "gzip, then zeros", Buffer.concat([gzipSync(tar), Buffer.alloc(64)]), expecting(gzip), ["trailing-bytes"]],
  [
    "Z5c",
    "gzip, then zeros, then another member",
    Buffer.concat([gzipSync(tar), Buffer.alloc(1), gzipSync(archive(file("hidden")))]),
    expecting(gzip),
    ["trailing-bytes"],
  ],
  [
    "Z5d",
    "zstd, then garbage",
    Buffer.concat([zstdCompressSync(tar), Buffer.from("garbage")]),
    expecting(zstd),
    "refused",
  ],
  ["Z5e", "gzip cut short", gzipSync(tar).subarray(0, -9), expecting(gzip), "refused"],
  ["Z5f", "zstd cut short", zstdCompressSync(tar).subarray(0, -3), expecting(zstd), "refused"],
  ["Z6", "plain bytes as gzip", tar, expecting(gzip), "refused"],
  ["Z6b", "gzip as plain bytes", gzipSync(tar), expecting(plain), "refused"],
  ["Z6c", "zstd as gzip", zstdCompressSync(tar), expecting(gzip), "refused"],
  ["Z6d", "xz", Buffer.from("\xfd7zXZ\0\0\0\0\0", "latin1"), {}, "refused"],
  ["Z6e", "bzip2", Buffer.from("BZh91AY&SY"), {}, "refused"],
  ["Z6f", "an unknown media type", tar, expecting("application/x-tar"), "refused"],
  [
    "L34",
    "more entries than allowed",
    archive(...Array.from({ length: 50 }, (_, index) => file(`f${index}`, ""))),
    { limits: { maxEntries: 49 } },
    "limit",
  ],
  [
    "L34b",
    "extended headers count as entries",
    archive(...Array.from({ length: 50 }, () => pax([["mtime", "1"]]))),
    { limits: { maxEntries: 49 } },
    "limit",
  ],
];

for (const [id, what, bytes, options, verdict] of rows) {
  test(`${id}: ${what}`, async () => {
    const whole = await readTar(bytes, options);
    assert.deepEqual(verdictOf(whole), verdict, whole.error?.message ?? JSON.stringify(whole.summary?.ambiguities));
    const inPieces = await readTar(bytes, { ...options, pieceBytes: 1001 });
    assert.deepEqual(verdictOf(inPieces), verdict);
    if (verdict !== "limit") assert.deepEqual(inPieces.entries, whole.entries);
  });
}

test("Z7: a layer that inflates to something else than the config says is refused", async () => {
  const diffId = `sha256:${createHash("sha256").update(tar).digest("hex")}`;
  const other = `sha256:${createHash("sha256").update("other").digest("hex")}`;
  const right = await readTar(gzipSync(tar), { expected: { diffId } });
  const wrong = await readTar(gzipSync(tar), { expected: { diffId: other } });
  assert.deepEqual([right.summary?.diffId, wrong.error?.code], [diffId, "DIGEST_MISMATCH"]);
});

test("M1, M2: bytes, or their number, that differ from the descriptor are refused", async () => {
  const bytes = gzipSync(tar);
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  const codes = [];
  for (const expected of [
    { digest, size: bytes.length },
    { digest: digest.replace(/.$/, (last) => (last === "0" ? "1" : "0")), size: bytes.length },
    { digest, size: bytes.length - 1 },
    { digest, size: bytes.length + 1 },
  ]) {
    codes.push((await readTar(bytes, { expected })).error?.code);
  }
  assert.deepEqual(codes, [undefined, "DIGEST_MISMATCH", "DIGEST_MISMATCH", "DIGEST_MISMATCH"]);
});

test("gzip members that end where a piece ends are read on", async () => {
  const first = gzipSync(tar.subarray(0, half));
  const bytes = Buffer.concat([first, gzipSync(tar.subarray(half))]);
  const seen = await readTar(bytes, { pieceBytes: first.length });
  assert.deepEqual([seen.error, seen.entries.map(({ path }) => path)], [undefined, ["a", "b"]]);
});

test("a gzip stream flushed in the middle, as registries write it, is whole", async () => {
  const gzipper = createGzip();
  const pieces: Buffer[] = [];
  gzipper.on("data", (piece: Buffer) => pieces.push(piece));
  gzipper.write(tar.subarray(0, half));
  await new Promise<void>((resolve) => gzipper.flush(constants.Z_FULL_FLUSH, resolve));
  gzipper.end(tar.subarray(half));
  await once(gzipper, "end");
  const seen = await readTar(Buffer.concat(pieces));
  assert.deepEqual([seen.error, seen.summary?.size], [undefined, tar.length]);
});

test("what comes out in many pieces of memory that is used again is what went in, to the last byte", async () => {
  // As long as a piece of zlib's, shorter by one, longer by one, and many.
  const piece = 512 * 1024;
  for (const length of [piece, piece - 1, piece + 1, 5 * piece + 17]) {
    const data = Buffer.concat([randomBytes(length / 2), Buffer.alloc(length / 2, "x")]);
    const whole = archive(member({ name: "large", data }));
    for (const packed of [gzipSync(whole), zstdCompressSync(whole)]) {
      const seen = [await readTar(packed), await readTar(packed, { pieceBytes: 70_001 })];
      const content = createHash("sha256").update(data).digest("hex");
      const diffId = `sha256:${createHash("sha256").update(whole).digest("hex")}`;
      const expected = { content: [content], diffId };
      assert.deepEqual(
        seen.map(({ entries, summary }) => ({
          content: entries.map((entry) => entry.content),
          diffId: summary?.diffId,
        })),
        [expected, expected],
      );
    }
  }
});

test("a compressed layer in a file is read by pieces whose memory is used again, also while it is inflated", async (t) => {
  const path = join(await scratch(t), "layer");
  const whole = archive(member({ name: "large", data: randomBytes(9_000_001) }), file("last"));
  const diffId = `sha256:${createHash("sha256").update(whole).digest("hex")}`;
  for (const packed of [gzipSync(whole), zstdCompressSync(whole)]) {
    await writeFile(path, packed);
    const range = { kind: "file", path, offset: 0, length: packed.length } as const;
    const names: string[] = [];
    const visit = (entry: { readonly path: string }): undefined => {
      names.push(entry.path);
      return undefined;
    };
    const { size } = await readLayer(range, { ...nothingExpected, diffId }, defaultImageLimits, { visit });
    assert.deepEqual([size, names], [whole.length, ["large", "last"]]);
  }
});

test("an empty layer has no entries", async () => {
  const seen = [await readTar(endMark), await readTar(gzipSync(endMark)), await readTar(Buffer.alloc(0))];
  assert.deepEqual(
    seen.map(({ error, summary }) => [error, summary?.entries]),
    [
      [undefined, 0],
      [undefined, 0],
      [undefined, 0],
    ],
  );
});
