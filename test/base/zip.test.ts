// Zip archives: what Python's zipfile writes is read byte for byte; what bombs and two-faced archives do is refused.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { PlimsollError } from "../../src/base/errors.ts";
import { fileSource, memorySource } from "../../src/base/zip/byte-source.ts";
import { listZip, readZipEntry } from "../../src/base/zip/zip.ts";

/** Runs a piece of Python that fills `archive`, a ZipFile, and gives the bytes. */
function zipOf(t: TestContext, python: string): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-zip-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const program = `import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as archive:\n${python.replaceAll(/^/gm, "  ")}\nsys.stdout.buffer.write(open(sys.argv[1], "rb").read())`;
  return Uint8Array.from(
    execFileSync("python3", ["-c", program, join(folder, "a.zip")], { maxBuffer: 64 * 1024 * 1024 }),
  );
}

const twoFiles = `archive.writestr("a.txt", "hello " * 100, zipfile.ZIP_DEFLATED)
archive.writestr("d/", "")
archive.writestr("d/ü.txt", b"stored")`;

function codeOf(action: () => unknown): string {
  try {
    action();
    return "none";
  } catch (thrown) {
    return thrown instanceof PlimsollError ? thrown.code : String(thrown);
  }
}

function readAll(bytes: Uint8Array): Readonly<Record<string, string>> {
  const source = memorySource(bytes);
  return Object.fromEntries(
    listZip(source).map((entry) => [entry.name, Buffer.from(readZipEntry(source, entry, 1 << 20)).toString()]),
  );
}

test("stored and deflated entries come out as they went in", (t) => {
  assert.deepEqual(readAll(zipOf(t, twoFiles)), { "a.txt": "hello ".repeat(100), "d/": "", "d/ü.txt": "stored" });
});

test("an archive behind a starter script is found, as Java finds it", (t) => {
  const archive = zipOf(t, twoFiles);
  const script = Buffer.from("#!/bin/sh\nexec java -jar $0\n");
  assert.equal(readAll(Buffer.concat([script, archive]))["d/ü.txt"], "stored");
});

test("zip64 numbers are read", (t) => {
  const archive = zipOf(t, `with archive.open("big", "w", force_zip64=True) as f: f.write(b"x" * 1000)`);
  assert.equal(readAll(archive)["big"], "x".repeat(1000));
});

test("a zip bomb stops at the limit, whether it tells its size or lies about it", (t) => {
  const honest = zipOf(t, `archive.writestr("bomb", b"\\0" * 10_000_000, zipfile.ZIP_DEFLATED)`);
  const lying = Uint8Array.from(honest);
  const directory = Buffer.from(lying.buffer).lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  new DataView(lying.buffer).setUint32(directory + 24, 100, true);
  const read = (bytes: Uint8Array) => () => {
    const source = memorySource(bytes);
    for (const entry of listZip(source)) readZipEntry(source, entry, 1000);
  };
  assert.deepEqual([codeOf(read(honest)), codeOf(read(lying))], ["LIMIT_EXCEEDED", "MALFORMED_INPUT"]);
});

test("an archive that shows two readers two different files is refused", (t) => {
  const archive = zipOf(t, twoFiles);
  const twoFaced = Uint8Array.from(archive);
  const name = Buffer.from(twoFaced.buffer).indexOf("a.txt");
  twoFaced.set(Buffer.from("b.txt"), name);
  const damaged = Uint8Array.from(archive);
  damaged.set([0xff, 0xff], Buffer.from(damaged.buffer).indexOf("stored"));
  assert.deepEqual(
    [codeOf(() => readAll(twoFaced)), codeOf(() => readAll(damaged))],
    ["AMBIGUOUS_INPUT", "MALFORMED_INPUT"],
  );
});

test("entries that share their bytes are refused", (t) => {
  const archive = Uint8Array.from(zipOf(t, `archive.writestr("a", "aaaa")\narchive.writestr("b", "bbbb")`));
  const last = Buffer.from(archive.buffer).lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  new DataView(archive.buffer).setUint32(last + 42, 0, true);
  assert.equal(
    codeOf(() => listZip(memorySource(archive))),
    "AMBIGUOUS_INPUT",
  );
});

test("more entries than allowed, and no archive at all, have their errors", (t) => {
  const archive = zipOf(t, twoFiles);
  assert.deepEqual(
    [
      codeOf(() => listZip(memorySource(archive), { maxEntries: 2 })),
      codeOf(() => listZip(memorySource(archive), { maxDirectoryBytes: 10 })),
      codeOf(() => listZip(memorySource(new Uint8Array()))),
      codeOf(() => listZip(memorySource(archive.subarray(0, archive.length - 1)))),
    ],
    ["LIMIT_EXCEEDED", "LIMIT_EXCEEDED", "MALFORMED_INPUT", "MALFORMED_INPUT"],
  );
});

test("whatever bytes are changed, an archive is read or refused with a documented error", (t) => {
  const archive = zipOf(t, twoFiles);
  const change = fc.tuple(fc.nat(archive.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
      const copy = Uint8Array.from(archive);
      for (const [at, value] of changes) copy[at] = value;
      const code = codeOf(() => readAll(copy));
      return ["none", "MALFORMED_INPUT", "LIMIT_EXCEEDED", "AMBIGUOUS_INPUT"].includes(code);
    }),
    { numRuns: 2000 },
  );
});

const goArchive = "../shared/data/advisories/osv-Go-all.zip";

test("a bulk file of advisories is read from disk", {
  skip: existsSync(goArchive) ? false : "no shared data here",
}, () => {
  const descriptor = openSync(goArchive, "r");
  const source = fileSource(descriptor);
  const entries = listZip(source);
  const total = entries.reduce((sum, entry) => sum + readZipEntry(source, entry, 1 << 20).byteLength, 0);
  closeSync(descriptor);
  assert.deepEqual(
    { entries: entries.length, total },
    { entries: 4291, total: entries.reduce((sum, entry) => sum + entry.size, 0) },
  );
});

test("a file that shrinks while it is read is an error, not a hang", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-zip-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "a.zip");
  writeFileSync(path, zipOf(t, twoFiles));
  const descriptor = openSync(path, "r");
  t.after(() => closeSync(descriptor));
  const source = fileSource(descriptor);
  writeFileSync(path, "");
  assert.equal(
    codeOf(() => listZip(source)),
    "MALFORMED_INPUT",
  );
});
