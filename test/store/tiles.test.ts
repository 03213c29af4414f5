// The log as static files, read back by nothing but the formats' own words.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openAuditReader } from "../../src/store/audit-reader.ts";
import { appendLeaf, emptyTree, leafHash, rootOf, type Tree } from "../../src/store/merkle.ts";
import { exportTiles, tilePath } from "../../src/store/tiles.ts";
import { verifyLog } from "../../src/store/verify-log.ts";
import { logRequests, opening, readAll, refused, startStore, temporaryFolder } from "./records.ts";

test("tile paths are those of the specification's examples", () => {
  assert.deepEqual(
    [
      tilePath(0, 1_234_067, 256),
      tilePath(1, 0, 1),
      tilePath("entries", 1_234_067, 17),
      tilePath(2, 999, 256),
      tilePath(0, 1000, 256),
    ],
    ["tile/0/x001/x234/067", "tile/1/000.p/1", "tile/entries/x001/x234/067.p/17", "tile/2/999", "tile/0/x001/000"],
  );
});

test("the exported bundles hash to the exported checkpoint, and a second export writes only what is new", async (t) => {
  const folder = temporaryFolder(t);
  const target = join(folder, "tiles");
  const store = await startStore({ folder });
  await logRequests(store, 600);
  const first = exportLog(folder, await store.audit.checkpoint(), target);
  const partial = existsSync(join(target, "tile/0/002.p/88"));
  await logRequests(store, 300);
  const second = exportLog(folder, await store.audit.checkpoint(), target);
  const [, size, root] = readFileSync(join(target, "checkpoint"), "utf8").split("\n");
  const bodies = readBundles(target, Number(size));
  const tree = bodies.reduce<Tree>((grown, body) => appendLeaf(grown, leafHash(body), () => {}), emptyTree);
  assert.deepEqual(
    {
      ...{ first, second, partial, stale: existsSync(join(target, "tile/0/002.p")) },
      ...{
        size,
        root: Buffer.from(rootOf(tree)).toString("base64"),
        ids: bodies.map((body) => JSON.parse(body.toString()).id),
      },
      levelOne: readFileSync(join(target, "tile/1/000.p/3")).length,
    },
    {
      ...{ first: 7, second: 5, partial: true, stale: false },
      ...{ size: "900", root, ids: (await readAll(folder)).map(({ id }) => id) },
      levelOne: 96,
    },
  );
});

test("tiles written with each checkpoint hold all that an export at the end writes", async (t) => {
  const folder = temporaryFolder(t);
  const [live, whole] = [join(folder, "live"), join(folder, "whole")];
  const store = await startStore({ folder, tilesFolder: live, checkpointEveryRecords: 150 });
  await logRequests(store, 1000);
  const note = await store.audit.checkpoint();
  await store.close();
  exportLog(folder, note, whole);
  const files = readdirSync(whole, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(whole, name)).isFile(),
  );
  const differing = files.filter((name) => !readFileSync(join(live, name)).equals(readFileSync(join(whole, name))));
  assert.deepEqual([files.length, differing], [10, []]);
});

test("100,000 records are one tree that verifies and exports", async (t) => {
  const folder = temporaryFolder(t);
  const target = join(folder, "tiles");
  const store = await startStore({ folder });
  for (let batch = 0; batch < 100; batch++) {
    await Promise.all(Array.from({ length: 1000 }, () => store.audit.close(opening({ facts: {} }), refused)));
  }
  await store.close();
  const { records, problems, root } = verifyLog({ folder });
  const again = await startStore({ folder });
  const reopened = again.audit.root();
  exportLog(folder, await again.audit.checkpoint(), target);
  assert.deepEqual(
    { records, problems, reopened, bundles: readdirSync(join(target, "tile/entries")).length },
    { records: 100_000, problems: [], reopened: root, bundles: 391 },
  );
});

function exportLog(folder: string, note: string, target: string): number {
  const reader = openAuditReader(folder);
  try {
    return exportTiles(reader.tables, note, target);
  } finally {
    reader.close();
  }
}

function readBundles(target: string, size: number): Buffer[] {
  const bodies: Buffer[] = [];
  for (let tile = 0; tile * 256 < size; tile++) {
    const bytes = readFileSync(join(target, tilePath("entries", tile, Math.min(256, size - tile * 256))));
    for (let at = 0; at < bytes.length; at += 2 + bytes.readUInt16BE(at)) {
      bodies.push(bytes.subarray(at + 2, at + 2 + bytes.readUInt16BE(at)));
    }
  }
  return bodies;
}
