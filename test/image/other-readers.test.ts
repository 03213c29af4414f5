// Other readers of tar: what we call clean, GNU tar, Python's tarfile and libarchive extract just as we read it. This is what
// the word ambiguous promises.

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { type ExtractedFile, lookInto } from "../support/engine-layer.ts";
import { hostileLayers } from "../support/hostile-layers.ts";
import { differences } from "../support/layer-differences.ts";
import { scratch } from "../support/oci-image.ts";
import { randomLayer } from "../support/random-layer.ts";
import { readTar, type SeenLayer } from "../support/read-tar.ts";

const run = promisify(execFile);
const python = `
import sys, tarfile
for line in sys.stdin:
    archive, folder = line.rstrip("\\n").split("\\t")
    try:
        with tarfile.open(archive, errors="surrogateescape", encoding="utf-8") as tar:
            tar.extractall(folder, numeric_owner=True, **({"filter": "fully_trusted"} if hasattr(tarfile, "data_filter") else {}))
    except Exception as error:
        print(archive.split("/")[-1], repr(error))
`;

type Extract = (pairs: readonly { readonly archive: string; readonly folder: string }[]) => Promise<void>;

const byProgram =
  (program: string, ...words: readonly string[]): Extract =>
  async (pairs) => {
    for (const { archive, folder } of pairs) {
      await run(program, [...words, "--numeric-owner", "-p", "-x", "-f", archive, "-C", folder]).catch(() => undefined);
    }
  };
const byPython: Extract = (pairs) =>
  new Promise((resolve, reject) => {
    const child = execFile("python3", ["-c", python], (error) => (error === null ? resolve() : reject(error)));
    child.stdin?.end(pairs.map(({ archive, folder }) => `${archive}\t${folder}\n`).join(""));
  });

const readers: readonly (readonly [name: string, program: string, extract: Extract])[] = [
  ["GNU tar", "tar", byProgram("tar")],
  ["libarchive", "bsdtar", byProgram("bsdtar")],
  ["Python", "python3", byPython],
];

for (const [name, program, extract] of readers) {
  const isThere = spawnSync(program, ["--version"]).status === 0;
  const skip =
    process.getuid?.() !== 0 ? "needs root to keep owners" : isThere ? false : `needs the program ${program}`;
  test(`${name} extracts from clean layers what we read in them`, { skip, timeout: 120_000 }, async (t) => {
    const folder = await scratch(t);
    const random = Array.from({ length: 250 }, (_, seed) => ({ id: `random-${seed}`, tar: randomLayer(seed) }));
    const pairs = [];
    for (const { id, tar } of [...hostileLayers, ...random]) {
      const seen = await readTar(tar);
      if (seen.error !== undefined || seen.rules.length > 0 || dangles(seen)) continue;
      const pair = { id, seen, archive: join(folder, `${id}.tar`), folder: join(folder, id) };
      await writeFile(pair.archive, tar);
      await mkdir(pair.folder);
      pairs.push(pair);
    }
    await extract(pairs);
    const found: string[] = [];
    for (const { id, seen, folder: into } of pairs) {
      const extracted = withoutWhiteouts(await lookInto(into));
      found.push(...differences(seen, extracted).map((difference) => `${id}: ${difference}`));
      await rm(into, { recursive: true });
    }
    t.diagnostic(`${pairs.length} clean layers`);
    assert.deepEqual(found, []);
  });
}

/** A hard link to a lower layer, to a directory or to itself cannot be made by anybody; readers only list it. */
function dangles({ entries }: SeenLayer): boolean {
  const paths = new Set<string>();
  return entries.some(({ kind, path, target }) => {
    if (kind !== "directory") paths.add(path);
    return kind === "hardlink" && (target === path || !paths.has(target));
  });
}

/** To a plain reader a whiteout is a file. */
function withoutWhiteouts(extracted: ReadonlyMap<string, ExtractedFile>): ReadonlyMap<string, ExtractedFile> {
  return new Map([...extracted].filter(([path]) => !/(?:^|\/)\.wh\./.test(path)));
}
