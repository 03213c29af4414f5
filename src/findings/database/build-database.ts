// Writes an advisory database from what the feeds say: sorted, in compressed blocks, signed, and in place at once or not at all.

import { createHash, type KeyObject } from "node:crypto";
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { zstdCompressSync } from "node:zlib";
import type { Advisory } from "../../model/advisory.ts";
import type { FeedRecord } from "../advisory-feed.ts";
import { encodeAdvisory } from "./advisory-row.ts";
import { type BlockEntry, blockBytes, keyOf, type Manifest, magic } from "./format.ts";
import { invalid, publicKeyText, sign } from "./signing.ts";
import { openRowSorter, type RowSorter, type SortedRow } from "./sort-rows.ts";

export type FeedContent = {
  readonly name: string;
  /** RFC 3339: when it was last known to be what its publisher has. */
  readonly updatedAt: string;
  /** False when some of its files are missing or could not be read; asked when all records were taken. */
  readonly isComplete: () => boolean;
  readonly records: AsyncIterable<FeedRecord> | Iterable<FeedRecord>;
};

export type BuildOptions = {
  /** Where the database will be. */
  readonly file: string;
  readonly feeds: readonly FeedContent[];
  readonly signingKey: KeyObject;
  /** RFC 3339 */
  readonly builtAt: string;
};

/** @returns the manifest of what was written */
export async function buildDatabase(options: BuildOptions): Promise<Manifest> {
  const sorter = openRowSorter(`${options.file}.rows`);
  const blocks = `${options.file}.blocks`;
  try {
    const counts = await fill(sorter, options.feeds);
    const index = writeBlocks(blocks, sorter.sorted());
    return writeDatabase(options, { index, blocks, ...counts });
  } finally {
    sorter.close();
    rmSync(blocks, { force: true });
    rmSync(`${options.file}.new`, { force: true });
  }
}

type Counts = { readonly feeds: Manifest["feeds"]; readonly namespaces: ReadonlyMap<string, number> };

async function fill(sorter: RowSorter, contents: readonly FeedContent[]): Promise<Counts> {
  const namespaces = new Map<string, number>();
  const feeds: Manifest["feeds"][number][] = [];
  for (const { records, ...feed } of contents) {
    let advisories = 0;
    for await (const record of records) {
      addRecord(sorter, record);
      if (record.kind !== "advisory") continue;
      advisories += 1;
      const { namespace } = record.advisory;
      namespaces.set(namespace, (namespaces.get(namespace) ?? 0) + 1);
    }
    feeds.push({ name: feed.name, updatedAt: feed.updatedAt, isComplete: feed.isComplete(), advisories });
  }
  return { feeds, namespaces };
}

function addRecord(sorter: RowSorter, record: FeedRecord): void {
  if (record.kind === "advisory") {
    const { advisory } = record;
    sorter.add(keyOf("advisory", advisory.namespace, advisory.package), encodeAdvisory(advisory));
    addRatings(sorter, advisory);
  } else if (record.kind === "exploitation") {
    const { id, epss, isKnownExploited } = record;
    sorter.add(keyOf("weakness", id), JSON.stringify({ epss, isKnownExploited }));
  } else {
    const { distribution, version, ...dates } = record.support;
    sorter.add(keyOf("support", distribution, version), JSON.stringify(dates));
  }
}

/** A CVE that one publisher rated has this rating where another one gives none. */
function addRatings(sorter: RowSorter, advisory: Advisory): void {
  const [vector] = advisory.cvss;
  const names = [advisory.id, ...advisory.aliases].filter((name) => name.startsWith("CVE-"));
  // An advisory about several weaknesses rates the worst of them.
  const [only] = names;
  if (vector !== undefined && only !== undefined && names.length === 1)
    sorter.add(keyOf("weakness", only), JSON.stringify(vector));
}

function writeBlocks(file: string, rows: Iterable<SortedRow>): readonly BlockEntry[] {
  const index: BlockEntry[] = [];
  const output = openSync(file, "w", 0o600);
  try {
    for (const { firstKey, text } of intoBlocks(rows)) {
      const block = zstdCompressSync(Buffer.from(text));
      writeSync(output, block);
      index.push({ firstKey, size: block.byteLength, sha256: sha256(block) });
    }
  } finally {
    closeSync(output);
  }
  return index;
}

/** All values of a key are one line, and a line is in one block. */
function* intoBlocks(rows: Iterable<SortedRow>): Iterable<{ readonly firstKey: string; readonly text: string }> {
  let [firstKey, text] = ["", ""];
  for (const { key, values } of rows) {
    const line = `${key}\t[${values.join(",")}]\n`;
    if (text.length + line.length > blockBytes && text !== "") {
      yield { firstKey, text };
      text = "";
    }
    if (text === "") firstKey = key;
    text += line;
  }
  if (text !== "") yield { firstKey, text };
}

type Parts = Counts & { readonly index: readonly BlockEntry[]; readonly blocks: string };

function writeDatabase(options: BuildOptions, parts: Parts): Manifest {
  const triples = parts.index.map(({ firstKey, size, sha256: hash }) => [firstKey, String(size), hash]);
  const index = zstdCompressSync(Buffer.from(JSON.stringify(triples)));
  const manifest: Manifest = {
    builtAt: options.builtAt,
    feeds: parts.feeds,
    namespaces: [...parts.namespaces].sort().map(([name, advisories]) => ({ name, advisories })),
    index: { size: index.byteLength, sha256: sha256(index) },
    blocks: { count: parts.index.length, size: parts.index.reduce((sum, { size }) => sum + size, 0) },
  };
  const signed = Buffer.from(`${magic}\n${JSON.stringify(manifest)}\n`);
  const seal = Buffer.from(`${sign(options.signingKey, signed)} ${publicKeyText(options.signingKey)}\n`);
  const output = openSync(`${options.file}.new`, "w", 0o644);
  try {
    writeSync(output, Buffer.concat([signed, seal, index]));
    append(output, parts.blocks, manifest.blocks.size);
    fsyncSync(output);
  } finally {
    closeSync(output);
  }
  renameSync(`${options.file}.new`, options.file);
  return manifest;
}

function append(output: number, file: string, size: number): void {
  const input = openSync(file, "r");
  const buffer = new Uint8Array(1024 * 1024);
  try {
    for (let done = 0; done < size; ) {
      const count = readSync(input, buffer);
      if (count === 0) throw invalid(`${file}: became shorter while the database was written`);
      writeSync(output, buffer, 0, count);
      done += count;
    }
  } finally {
    closeSync(input);
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
