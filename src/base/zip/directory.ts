// The end of a zip archive: where its central directory is, and what that lists.
// Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.12 to 4.3.16 and 4.5.3 (zip64).

import { limitExceeded, malformed } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";

export type ZipEntry = {
  /** As written, `META-INF/MANIFEST.MF`; may be hostile (`../x`) and may stand twice. Bytes that are not UTF-8 read as U+FFFD. */
  readonly name: string;
  readonly isDirectory: boolean;
  /** 0 stored, 8 deflated; others cannot be read. */
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly crc32: number;
  readonly compressedSize: number;
  /** As the archive claims. */
  readonly size: number;
  /** Of the local header, from the start of the source. */
  readonly offset: number;
};

export type DirectoryLimits = { readonly maxEntries: number; readonly maxDirectoryBytes: number };

type Place = { readonly count: number; readonly size: number; readonly offset: number; readonly prefix: number };

const endSize = 22;
const maxComment = 0xffff;
const entrySize = 46;

export function readDirectory(source: ByteSource, limits: DirectoryLimits): readonly ZipEntry[] {
  const place = findDirectory(source);
  if (place.count > limits.maxEntries)
    throw limitExceeded("zip", `${place.count} entries, at most ${limits.maxEntries}`);
  if (place.size > limits.maxDirectoryBytes) {
    throw limitExceeded("zip", `a directory of ${place.size} bytes, at most ${limits.maxDirectoryBytes}`);
  }
  const bytes = viewOf(source.read(place.offset + place.prefix, place.size));
  const entries: ZipEntry[] = [];
  let at = 0;
  while (entries.length < place.count) {
    const { entry, next } = readEntry(bytes, at, place.prefix);
    entries.push(entry);
    at = next;
  }
  if (at !== place.size) throw malformed("zip", "the directory is longer than its entries");
  return entries;
}

/** The end record whose comment reaches exactly to the end; bytes before the archive (a starter script) are allowed. */
function findDirectory(source: ByteSource): Place {
  const length = Math.min(source.size, endSize + maxComment);
  const start = source.size - length;
  const tail = viewOf(source.read(start, length));
  for (let at = length - endSize; at >= 0; at -= 1) {
    if (tail.getUint32(at, true) !== 0x06054b50) continue;
    if (tail.getUint16(at + 20, true) !== length - at - endSize) continue;
    return readEnd(source, tail, at, start + at);
  }
  throw malformed("zip", "no end of central directory");
}

function readEnd(source: ByteSource, tail: DataView, at: number, position: number): Place {
  const [disk, directoryDisk] = [tail.getUint16(at + 4, true), tail.getUint16(at + 6, true)];
  const count = tail.getUint16(at + 10, true);
  const [size, offset] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
  const isLarge = count === 0xffff || size === 0xffffffff || offset === 0xffffffff;
  if (isLarge) {
    const large = readLargeEnd(source, position);
    if (large !== undefined) return large;
  }
  if (disk !== 0 || directoryDisk !== 0) throw malformed("zip", "an archive of several disks");
  return placed({ count, size, offset }, position);
}

/** undefined: there is no zip64 record, the numbers only look like it. */
function readLargeEnd(source: ByteSource, position: number): Place | undefined {
  if (position < 20 + 56) return undefined;
  const locator = viewOf(source.read(position - 20, 20));
  if (locator.getUint32(0, true) !== 0x07064b50) return undefined;
  const written = integerAt(locator, 8);
  const record = viewOf(source.read(written, 56));
  if (record.getUint32(0, true) !== 0x06064b50) throw malformed("zip", "the zip64 locator points at no record");
  return placed({ count: integerAt(record, 32), size: integerAt(record, 40), offset: integerAt(record, 48) }, written);
}

function placed(place: Omit<Place, "prefix">, end: number): Place {
  const prefix = end - place.size - place.offset;
  if (prefix < 0) throw malformed("zip", "the directory does not fit before its end");
  return { ...place, prefix };
}

function readEntry(view: DataView, at: number, prefix: number): { entry: ZipEntry; next: number } {
  if (at + entrySize > view.byteLength) throw malformed("zip", "the directory ends within an entry");
  if (view.getUint32(at, true) !== 0x02014b50) throw malformed("zip", `no directory entry at byte ${at}`);
  const nameLength = view.getUint16(at + 28, true);
  const extraLength = view.getUint16(at + 30, true);
  const next = at + entrySize + nameLength + extraLength + view.getUint16(at + 32, true);
  if (next > view.byteLength) throw malformed("zip", "the directory ends within an entry");
  const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + entrySize, nameLength));
  const large = largeFields(view, at + entrySize + nameLength, extraLength);
  const take = (value: number): number => (value === 0xffffffff ? (large.shift() ?? value) : value);
  const size = take(view.getUint32(at + 24, true));
  const compressedSize = take(view.getUint32(at + 20, true));
  const entry = {
    name,
    isDirectory: name.endsWith("/"),
    method: view.getUint16(at + 10, true),
    isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
    crc32: view.getUint32(at + 16, true),
    compressedSize,
    size,
    offset: take(view.getUint32(at + 42, true)) + prefix,
  };
  return { entry, next };
}

/** The 64-bit numbers of the zip64 extra field, in the order in which they replace the short ones. */
function largeFields(view: DataView, start: number, length: number): number[] {
  const end = start + length;
  let at = start;
  while (at + 4 <= end) {
    const size = view.getUint16(at + 2, true);
    const stop = Math.min(at + 4 + size, end);
    if (view.getUint16(at, true) !== 1) {
      at += 4 + size;
      continue;
    }
    const numbers: number[] = [];
    for (let place = at + 4; place + 8 <= stop; place += 8) numbers.push(integerAt(view, place));
    return numbers;
  }
  return [];
}

function integerAt(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed("zip", `a number too large: ${value}`);
  return Number(value);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
