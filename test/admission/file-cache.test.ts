// Results on disk: whole or not there, bounded, and never believed when they were damaged.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openFileCache } from "../../src/admission/cache/file-cache.ts";
import { openScanCache } from "../../src/admission/cache/scan-cache.ts";
import { packagesDigest } from "../../src/admission/match-inventory.ts";
import { emptyConfig } from "../../src/base/empty-config.ts";
import type { ImageDescription } from "../../src/model/image.ts";
import { found } from "../findings/database-of.ts";

const keyOf = (name: string): string => createHash("sha256").update(name).digest("hex");

const withHash = (rest: Buffer): Buffer => Buffer.concat([createHash("sha256").update(rest).digest(), rest]);
const contentOf = (pieces: Iterable<Buffer> | undefined): string => Buffer.concat([...(pieces ?? [])]).toString();

const emptyImage: ImageDescription = {
  subject: "x",
  source: "archive",
  names: [],
  indexDigest: "",
  manifestDigest: "",
  configDigest: "sha256:3",
  config: emptyConfig({ os: "linux", architecture: "amd64", variant: "" }),
  layers: [],
};

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-cache-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "cache");
}

test("what was put is there again, for its owner alone", (t) => {
  const folder = folderOf(t);
  const cache = openFileCache({ folder, maxBytes: 1_000_000 });
  cache.put(keyOf("a"), [Buffer.from("con"), Buffer.from("tent")]);
  const [file = ""] = readdirSync(folder);
  assert.deepEqual(
    [contentOf(cache.get(keyOf("a"))), cache.get(keyOf("b")), statSync(join(folder, file)).mode & 0o777],
    ["content", undefined, 0o600],
  );
});

test("a file that was cut, changed or is somebody's invention is thrown away", (t) => {
  const folder = folderOf(t);
  const cache = openFileCache({ folder, maxBytes: 1_000_000 });
  for (const [name, damage] of [
    ["cut", (path: string) => truncateSync(path, 40)],
    ["empty", (path: string) => truncateSync(path, 0)],
    [
      "spliced",
      (path: string) => writeFileSync(path, withHash(Buffer.concat([Buffer.from([255, 0, 0, 0]), Buffer.alloc(9)]))),
    ],
    ["invented", (path: string) => writeFileSync(path, "x".repeat(100))],
  ] as const) {
    cache.put(keyOf(name), [Buffer.from("content")]);
    damage(join(folder, `${keyOf(name)}.zst`));
    assert.equal(cache.get(keyOf(name)), undefined, name);
  }
  assert.deepEqual(readdirSync(folder), []);
});

test("there is never more than was allowed: what was used longest ago goes first", (t) => {
  const folder = folderOf(t);
  const maxBytes = 20_000;
  const random = (seed: string) =>
    Buffer.concat(Array.from({ length: 100 }, (_, at) => createHash("sha256").update(`${seed}${at}`).digest()));
  const cache = openFileCache({ folder, maxBytes });
  for (let at = 0; at < 12; at += 1) {
    cache.put(keyOf(`${at}`), [random(`${at}`)]);
    const file = join(folder, `${keyOf(`${at}`)}.zst`);
    utimesSync(file, 1000 + at, 1000 + at);
    if (at > 0) cache.get(keyOf("0"));
  }
  const used = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  assert.ok(used <= maxBytes, `${used} bytes`);
  assert.ok(cache.get(keyOf("11")) !== undefined, "the newest is there");
  assert.ok(cache.get(keyOf("0")) !== undefined, "what is used stays");
  assert.equal(cache.get(keyOf("1")), undefined);
});

test("a folder that cannot be written costs nothing but the memory", (t) => {
  const folder = folderOf(t);
  writeFileSync(folder, "a file where the folder should be");
  const cache = openFileCache({ folder, maxBytes: 1000 });
  cache.put(keyOf("a"), [Buffer.from("con"), Buffer.from("tent")]);
  assert.equal(cache.get(keyOf("a")), undefined);
});

test("a key that is no hash names no file", (t) => {
  const cache = openFileCache({ folder: folderOf(t), maxBytes: 1000 });
  assert.throws(() => cache.get("../../etc/passwd"), TypeError);
});

test("long lists of a layer and an image come back as they were kept", (t) => {
  const cache = openScanCache({ folder: folderOf(t), analyzers: "test" });
  const packages = Array.from({ length: 1203 }, (_, at) => found("deb", `päckage${at}\n`, `1.${at}`));
  const owned = Array.from({ length: 2001 }, (_, at) => `usr/lib/\u2028${at}`);
  const result = { packages, owned, problems: ["a problem"], owner: "x" };
  const analysis = {
    summary: { digest: "sha256:1", diffId: "sha256:2", size: 1, entries: 2, ambiguities: [] },
    results: [
      { path: "status", layer: 0, cataloger: "dpkg", result },
      { path: "empty", layer: 0, cataloger: "apk", result: { packages: [], owned: [] } },
    ],
    findings: [],
    problems: Array.from({ length: 501 }, (_, at) => ({ path: `${at}`, plugin: "x", what: "y" })),
    paths: Buffer.alloc(2_500_000, "paths"),
  };
  cache.keepLayer("sha256:2", analysis);
  const image = {
    description: emptyImage,
    contents: { layers: [], findings: [], inventory: { distribution: undefined, packages, problems: [] } },
  };
  cache.keepImage("sha256:3", image);
  const named = { ...image.contents, packagesDigest: packagesDigest(image.contents.inventory.packages) };
  assert.deepEqual([cache.layer("sha256:2"), cache.image("sha256:3")], [analysis, { ...image, contents: named }]);
});
