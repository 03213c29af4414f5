// Bytes of any kind: no crash, no hang, only documented errors, and the same answer however the bytes are cut.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { PlimsollError } from "../../src/base/errors.ts";
import { placeOf } from "../../src/base/tar/name.ts";
import { readPaxRecords } from "../../src/base/tar/pax.ts";
import { readConfig } from "../../src/image/documents/config.ts";
import { readManifest } from "../../src/image/documents/manifest.ts";
import { paxRecord } from "../support/hostile-tar.ts";
import { makeOciImage, newSavedArchive, ociArchive, savedArchive, scratch, settingsFor } from "../support/oci-image.ts";
import { refusal } from "../support/open-image.ts";
import { chance, randomLayer } from "../support/random-layer.ts";
import { readTar, verdictOf } from "../support/read-tar.ts";

const runs = Number(process.env["PLIMSOLL_FUZZ_RUNS"] ?? 300);
const realImage = join(import.meta.dirname, "../../../shared/data/images/alpine-310.docker.tar.gz");
const image = makeOciImage();

/** The same bytes with a few of them changed, left out or doubled. */
function mutated(bytes: Buffer, seed: number): Buffer {
  const dice = chance(seed);
  const pieces: Buffer[] = [];
  let at = 0;
  for (let count = 1 + dice(6); count > 0; count -= 1) {
    const next = at + dice(Math.max(1, bytes.length - at));
    pieces.push(bytes.subarray(at, next));
    const kind = dice(4);
    if (kind === 0) pieces.push(Buffer.from([dice(256)]));
    if (kind === 1) pieces.push(bytes.subarray(next, next + dice(600)));
    at = kind === 2 ? next + dice(600) : kind === 3 ? next : next + 1;
    if (kind === 3) pieces.push(Buffer.from([(bytes[next] ?? 0) ^ (1 << dice(8))]));
  }
  return Buffer.concat([...pieces, bytes.subarray(at)]);
}

test("mutated layers give an answer or a documented error, the same in any pieces", async () => {
  for (let seed = 0; seed < runs; seed += 1) {
    const plain = mutated(randomLayer(seed), seed);
    const bytes = seed % 3 === 0 ? gzipSync(plain) : seed % 3 === 1 ? zstdCompressSync(plain) : plain;
    const whole = await readTar(bytes);
    const pieces = await readTar(bytes, { pieceBytes: 1 + (seed % 777) });
    assert.deepEqual(
      [verdictOf(pieces), pieces.summary?.diffId],
      [verdictOf(whole), whole.summary?.diffId],
      `seed ${seed}`,
    );
  }
});

test("mutated compressed bytes give an answer or a documented error", async () => {
  for (let seed = 0; seed < runs; seed += 1) {
    const plain = randomLayer(seed);
    const seen = await readTar(mutated(seed % 2 === 0 ? gzipSync(plain) : zstdCompressSync(plain), seed));
    assert.ok(seen.error === undefined || seen.error.hint !== "", `seed ${seed}`);
  }
});

test("mutated archives of images give an answer or a documented error", async (t) => {
  const folder = await scratch(t);
  const path = join(folder, "image.tar");
  const forms = [savedArchive(image), newSavedArchive(image), ociArchive(image), gzipSync(savedArchive(image))];
  for (let seed = 0; seed < runs; seed += 1) {
    await writeFile(path, mutated(forms[seed % forms.length] ?? Buffer.alloc(0), seed));
    // A file that is no archive any more is left to the next source.
    await refusal(path, settingsFor(folder)).catch((error: Error) =>
      assert.match(error.message, /^no source takes/, `seed ${seed}`),
    );
  }
});

test("a real image with mutations gives an answer or a documented error", {
  skip: existsSync(realImage) ? false : "the shared images are not there",
}, async (t) => {
  const folder = await scratch(t);
  const path = join(folder, "image.tar");
  const real = gunzipSync(readFileSync(realImage));
  for (let seed = 0; seed < 20; seed += 1) {
    await writeFile(path, mutated(real, seed));
    await refusal(path, settingsFor(folder)).catch((error: Error) =>
      assert.match(error.message, /^no source takes/, `seed ${seed}`),
    );
  }
});

/** Whether a call returns, or throws what is documented. */
function isCalm(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    return error instanceof PlimsollError && error.hint !== "";
  }
}

test("any JSON as a manifest or config gives an answer or a documented error", () => {
  const parts = fc.constantFrom(
    "schemaVersion",
    "mediaType",
    "config",
    "layers",
    "manifests",
    "digest",
    "size",
    "rootfs",
    "os",
    "history",
  );
  const anyJson = fc.letrec((tie) => ({
    value: fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constant(2), fc.dictionary(parts, tie("value"), { maxKeys: 4 })),
  })).value;
  fc.assert(
    fc.property(anyJson, fc.constantFrom("", "application/vnd.oci.image.index.v1+json"), (value, type) => {
      const bytes = Buffer.from(JSON.stringify(value) ?? "null");
      return isCalm(() => readManifest(bytes, type, 1_000_000)) && isCalm(() => readConfig(bytes, 1_000_000));
    }),
    { numRuns: runs },
  );
});

test("mutated manifests and configs give an answer or a documented error", () => {
  for (let seed = 0; seed < runs * 3; seed += 1) {
    const calm =
      isCalm(() => readManifest(mutated(image.manifest.bytes, seed), "", 100_000)) &&
      isCalm(() => readConfig(mutated(image.config.bytes, seed), 100_000));
    assert.ok(calm, `seed ${seed}`);
  }
});

test("pax records that were written are read again", () => {
  const key = fc.string({ minLength: 1, unit: "binary-ascii" }).filter((text) => !/[=\0]/.test(text));
  fc.assert(
    fc.property(
      fc.dictionary(
        key,
        fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes).toString("hex")),
        { maxKeys: 5 },
      ),
      (wanted) => {
        const bytes = Buffer.concat(Object.entries(wanted).map(([name, value]) => paxRecord(name, value)));
        const read = readPaxRecords(bytes);
        assert.deepEqual(
          [...(read?.values ?? [])].map(([name, value]) => [name, value.toString()]),
          Object.entries(wanted),
        );
      },
    ),
    { numRuns: runs },
  );
});

test("a place is always below the root, and the place of a place is itself", () => {
  const name = fc.array(fc.constantFrom("a", "..", ".", "", "b c", "\u00e9")).map((parts) => parts.join("/"));
  fc.assert(
    fc.property(name, (text) => {
      const { path } = placeOf(text);
      assert.ok(path === "" || path.split("/").every((part) => part !== "" && part !== "." && part !== ".."), path);
      assert.deepEqual(placeOf(path), { path, rule: "" });
    }),
    { numRuns: runs },
  );
});
