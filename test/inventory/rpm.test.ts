// rpm's databases: one list of packages, whatever the format.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { rpm } from "../../src/inventory/catalogers/rpm.ts";
import { readSqliteBlobs } from "../../src/inventory/rpm/sqlite.ts";

const fixture = join(
  import.meta.dirname,
  "../fixtures/catalogers/rpm/sqlite/files/usr/lib/sysimage/rpm/rpmdb.sqlite.zst",
);
const sqlite = zstdDecompressSync(readFileSync(fixture));
const path = "var/lib/rpm/Packages.db";

/** As rpm 4.18 writes it, lib/backend/ndb/rpmpkg.c: one page of slots, then blobs in blocks of 16 bytes. */
function makeNdb(blobs: readonly Uint8Array[]): Buffer {
  const page = Buffer.alloc(4096);
  page.write("RpmP");
  page.writeUInt32LE(1, 12);
  for (let at = 32; at < page.length; at += 16) page.write("Slot", at);
  const parts: Buffer[] = [page];
  let block = page.length / 16;
  blobs.forEach((blob, index) => {
    const blocks = Math.ceil((16 + blob.length + 12) / 16);
    const part = Buffer.alloc(blocks * 16);
    part.write("BlbS");
    part.writeUInt32LE(index + 1, 4);
    part.writeUInt32LE(blob.length, 12);
    part.set(blob, 16);
    part.write("BlbE", part.length - 4);
    const slot = 32 + index * 16;
    page.writeUInt32LE(index + 1, slot + 4);
    page.writeUInt32LE(block, slot + 8);
    page.writeUInt32LE(blocks, slot + 12);
    parts.push(part);
    block += blocks;
  });
  return Buffer.concat(parts);
}

test("an ndb database tells the same as the SQLite database with the same headers", () => {
  const ndb = makeNdb([...readSqliteBlobs(sqlite, "Packages", 1)]);
  const [fromNdb, fromSqlite] = [rpm.catalog({ path, content: ndb }), rpm.catalog({ path, content: sqlite })];
  assert.equal(fromSqlite.packages.length, 10);
  assert.deepEqual(fromNdb, fromSqlite);
});

test("one broken header hides only its own package", () => {
  const [first, ...others] = [...readSqliteBlobs(sqlite, "Packages", 1)];
  assert.ok(first !== undefined);
  const broken = Buffer.from(first);
  broken.writeUInt32BE(0x7fff_ffff, 0);
  const result = rpm.catalog({ path, content: makeNdb([broken, ...others]) });
  assert.deepEqual([result.packages.length, result.problems?.length], [9, 1]);
});

test("files of packages that others than the distribution built are nobody's", () => {
  const { owned } = rpm.catalog({ path, content: sqlite });
  const roots = owned.map((path) => path.split("/").slice(0, 3).join("/"));
  assert.deepEqual([...new Set(roots)].sort(), ["usr/lib/epoched", "usr/lib/nodejs", "usr/lib/plain"]);
});

test("a page that points to itself is refused, not followed", () => {
  const looped = Buffer.from(sqlite);
  const root = 4096 * (rootOf("Packages") - 1);
  looped[root] = 0x05;
  looped.writeUInt32BE(rootOf("Packages"), root + 8);
  looped.writeUInt16BE(0, root + 3);
  assert.throws(() => rpm.catalog({ path, content: looped }), { code: "MALFORMED_INPUT" });
});

test("a page whose every pointer leads to the same row is refused", () => {
  const pageSize = 65_536;
  const made = Buffer.alloc(2 * pageSize);
  made.write("SQLite format 3\0", "latin1");
  made.writeUInt16BE(1, 16);
  // The schema: one row in the first page, which says that the table's root is the second.
  const record = Buffer.concat([Buffer.from([6, 23, 29, 29, 1, 13, ...Buffer.from("tablePackagesPackages"), 2])]);
  const at = pageSize - record.length - 2;
  made.set(Buffer.concat([Buffer.from([record.length, 1]), record]), at);
  made.set([0x0d, 0, 0, 0, 1], 100);
  made.writeUInt16BE(at, 108);
  // The table: 20,000 pointers to one row of 20,000 bytes.
  made.set([0x0d, 0, 0], pageSize);
  made.writeUInt16BE(20_000, pageSize + 3);
  const cell = 45_000;
  for (let pointer = 0; pointer < 20_000; pointer += 1) made.writeUInt16BE(cell, pageSize + 8 + pointer * 2);
  made.set([0x81, 0x9c, 0x20, 1], pageSize + cell);
  assert.throws(() => [...readSqliteBlobs(made, "Packages", 1)], {
    code: "MALFORMED_INPUT",
    message: /rows that lie upon one another/,
  });
});

test("a hash page whose items lie upon one another is refused", () => {
  const pageSize = 65_536;
  const made = Buffer.alloc(2 * pageSize);
  made.writeUInt32LE(0x061561, 12);
  made.writeUInt32LE(pageSize, 20);
  made.writeUInt32LE(1, 32);
  made[pageSize + 25] = 13;
  made.writeUInt16LE(30_000, pageSize + 20);
  for (let item = 0; item < 30_000; item += 1)
    made.writeUInt16LE(item % 2 === 0 ? 65_535 : 60_100, pageSize + 26 + item * 2);
  made[pageSize + 60_100] = 1;
  assert.throws(() => rpm.catalog({ path, content: made }), { code: "MALFORMED_INPUT", message: /an item from/ });
});

test("a write-ahead log beside the database is a problem that is told", () => {
  const result = rpm.catalog({ path: "var/lib/rpm/rpmdb.sqlite-wal", content: Buffer.alloc(4152) });
  assert.equal(result.problems?.length, 1);
});

/** The schema says it in plain text: the root page's number follows the table's name twice. */
function rootOf(table: string): number {
  const at = sqlite.indexOf(`table${table}${table}`);
  return sqlite.readUInt8(at + 5 + 2 * table.length);
}
