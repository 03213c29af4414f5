// A bulk file of OSV records: a zip with one JSON file an id.

import { closeSync, openSync } from "node:fs";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { decodeJson } from "../../base/json.ts";
import { type ByteSource, fileSource } from "../../base/zip/byte-source.ts";
import type { ZipEntry } from "../../base/zip/directory.ts";
import { listZip, readZipEntry } from "../../base/zip/zip.ts";
import type { FeedRecord } from "../advisory-feed.ts";
import { readOsvRecord } from "./osv-record.ts";

const maxRecordBytes = 32 * 1024 * 1024;

export async function* readOsvZip(
  path: string,
  feed: string,
  problem: (what: string) => void,
): AsyncIterable<FeedRecord> {
  const descriptor = openSync(path, "r");
  try {
    const source = fileSource(descriptor);
    for (const entry of listZip(source)) {
      if (!entry.name.endsWith(".json")) continue;
      for (const advisory of readEntry(source, entry, feed, problem)) yield { kind: "advisory", advisory };
    }
  } finally {
    closeSync(descriptor);
  }
}

function readEntry(source: ByteSource, entry: ZipEntry, feed: string, problem: (what: string) => void) {
  try {
    const bytes = readZipEntry(source, entry, maxRecordBytes);
    return readOsvRecord(decodeJson(bytes, { maxBytes: maxRecordBytes, duplicates: "exact" }), feed);
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    problem(`${entry.name}: ${errorText(thrown)}`);
    return [];
  }
}
