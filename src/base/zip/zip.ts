// Reads zip archives (jar, war, the advisories' bulk files) by their directory, one entry at a time, within limits.
// Source: PKWARE APPNOTE.TXT 6.3.10.

import { crc32, inflateRawSync } from "node:zlib";
import { limitExceeded, malformed, PlimsollError } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";
import { type DirectoryLimits, readDirectory, type ZipEntry } from "./directory.ts";

const defaults: DirectoryLimits = { maxEntries: 500_000, maxDirectoryBytes: 128 * 1024 * 1024 };
const headerSize = 30;

/**
 * What the archive's directory lists, in its order; a name may stand twice.
 * @throws PlimsollError MALFORMED_INPUT, LIMIT_EXCEEDED, or AMBIGUOUS_INPUT when two entries share their bytes
 */
export function listZip(source: ByteSource, limits: Partial<DirectoryLimits> = {}): readonly ZipEntry[] {
  const entries = readDirectory(source, { ...defaults, ...limits });
  refuseOverlaps(entries);
  return entries;
}

/**
 * The content of one entry, checked by size and CRC-32.
 * @param maxBytes most bytes to inflate; a bomb stops here
 * @throws PlimsollError MALFORMED_INPUT, LIMIT_EXCEEDED, or AMBIGUOUS_INPUT when its two headers differ
 */
export function readZipEntry(source: ByteSource, entry: ZipEntry, maxBytes: number): Uint8Array {
  const where = `zip: ${entry.name.slice(0, 200)}`;
  if (entry.isEncrypted) throw malformed(where, "encrypted");
  if (entry.size > maxBytes) throw limitExceeded(where, `${entry.size} bytes, at most ${maxBytes}`);
  const stored = source.read(contentOffset(source, entry, where), entry.compressedSize);
  const content = inflate(stored, entry, maxBytes, where);
  if (content.byteLength !== entry.size) throw malformed(where, `${content.byteLength} bytes, expected ${entry.size}`);
  if (crc32(content) !== entry.crc32) throw malformed(where, "the checksum does not agree");
  return content;
}

/** Readers that go by local headers must come to the same file. */
function contentOffset(source: ByteSource, entry: ZipEntry, where: string): number {
  const bytes = source.read(entry.offset, headerSize);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== 0x04034b50) throw malformed(where, "no local header");
  const nameLength = view.getUint16(26, true);
  const name = new TextDecoder().decode(source.read(entry.offset + headerSize, nameLength));
  if (name !== entry.name || view.getUint16(8, true) !== entry.method) {
    throw new PlimsollError("AMBIGUOUS_INPUT", `${where}: the directory and the local header differ`, {
      hint: "make the archive anew",
    });
  }
  return entry.offset + headerSize + nameLength + view.getUint16(28, true);
}

function inflate(stored: Uint8Array, entry: ZipEntry, maxBytes: number, where: string): Uint8Array {
  if (entry.method === 0) return stored;
  if (entry.method !== 8) throw malformed(where, `compression method ${entry.method}, expected 0 or 8`);
  try {
    return inflateRawSync(stored, { maxOutputLength: Math.max(1, Math.min(maxBytes, entry.size)) });
  } catch (cause) {
    throw new PlimsollError("MALFORMED_INPUT", `${where}: broken, or more bytes than it says`, {
      hint: "make the archive anew",
      cause,
    });
  }
}

/** Entries that share bytes are how small files become petabytes; nobody makes them by accident. */
function refuseOverlaps(entries: readonly ZipEntry[]): void {
  const sorted = [...entries].sort((left, right) => left.offset - right.offset);
  let end = 0;
  for (const entry of sorted) {
    if (entry.offset < end) {
      throw new PlimsollError("AMBIGUOUS_INPUT", `zip: ${entry.name.slice(0, 200)} shares bytes with another entry`, {
        hint: "make the archive anew",
      });
    }
    end = entry.offset + headerSize + entry.compressedSize;
  }
}
