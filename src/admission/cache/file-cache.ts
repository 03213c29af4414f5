// Results on disk, under names that say exactly what they were made from. Whole or not there: written beside and renamed, and a
// file whose hash is wrong is thrown away. Bounded: what was used longest ago goes first.
//
//   SHA-256 of all that follows, then for each piece: bytes (4, little endian), zstd
//
// In pieces, since the lists of large images shall never stand in memory as one text beside what they were made from.

import { createHash, randomUUID } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

export interface FileCache {
  /** @param key 64 hex digits @returns the pieces that were put; undefined when they are not there, or were damaged */
  get(key: string): Iterable<Buffer> | undefined;
  /** What cannot be written is not kept: a full disk never ends a scan. */
  put(key: string, pieces: Iterable<Uint8Array>): void;
}

export type FileCacheOptions = {
  readonly folder: string;
  /** Of all files together, compressed. */
  readonly maxBytes: number;
};

const hashBytes = 32;
const lengthBytes = 4;
/** Far beyond any piece; one that inflates to more is not ours. */
const maxInflated = 128 * 1024 * 1024;
const staleMs = 3_600_000;
const temporary = ".writing-";

export function openFileCache(options: FileCacheOptions): FileCache {
  let usedBytes: number | undefined;
  return {
    get(key) {
      const file = join(options.folder, nameOf(key));
      try {
        const frames = readFrames(readFileSync(file));
        const now = new Date();
        utimesSync(file, now, now);
        return unpack(frames);
      } catch {
        remove(file);
        return undefined;
      }
    },
    put(key, pieces) {
      const partial = join(options.folder, `${temporary}${randomUUID()}`);
      try {
        mkdirSync(options.folder, { recursive: true, mode: 0o700 });
        usedBytes ??= sizeOf(options.folder);
        usedBytes += writePieces(partial, pieces);
        if (usedBytes > options.maxBytes) usedBytes = evict(options.folder, options.maxBytes * 0.8);
        renameSync(partial, join(options.folder, nameOf(key)));
      } catch {
        usedBytes = undefined;
        remove(partial);
      }
    },
  };
}

/** What cannot be removed either (a file system that is read-only) is left. */
function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    return;
  }
}

function nameOf(key: string): string {
  if (!/^[0-9a-f]{64}$/.test(key)) throw new TypeError("a cache key is 64 hex digits");
  return `${key}.zst`;
}

/** @returns bytes of the file */
function writePieces(file: string, pieces: Iterable<Uint8Array>): number {
  const hash = createHash("sha256");
  const descriptor = openSync(file, "wx", 0o600);
  try {
    let end = hashBytes;
    for (const piece of pieces) {
      const packed = zstdCompressSync(piece, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
      const length = Buffer.alloc(lengthBytes);
      length.writeUInt32LE(packed.length);
      for (const part of [length, packed]) {
        hash.update(part);
        writeWhole(descriptor, part, end);
        end += part.length;
      }
    }
    writeWhole(descriptor, hash.digest(), 0);
    return end;
  } finally {
    closeSync(descriptor);
  }
}

function writeWhole(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
}

/** @throws Error when the hash or a length is wrong */
function readFrames(file: Buffer): readonly Buffer[] {
  const rest = file.subarray(hashBytes);
  const isWhole = createHash("sha256").update(rest).digest().equals(file.subarray(0, hashBytes));
  if (!isWhole) throw new Error("the hash is wrong");
  const frames: Buffer[] = [];
  for (let at = 0; at < rest.length; ) {
    const start = at + lengthBytes;
    at = start + rest.readUInt32LE(at);
    if (at > rest.length) throw new Error("shorter than it says");
    frames.push(rest.subarray(start, at));
  }
  return frames;
}

function* unpack(frames: readonly Buffer[]): Generator<Buffer> {
  for (const frame of frames) yield zstdDecompressSync(frame, { maxOutputLength: maxInflated });
}

type CachedFile = { readonly path: string; readonly size: number; readonly usedMs: number };

function list(folder: string): readonly CachedFile[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    try {
      const { size, mtimeMs } = statSync(path);
      if (name.startsWith(temporary) && Date.now() - mtimeMs > staleMs) rmSync(path, { force: true });
      return [{ path, size, usedMs: mtimeMs }];
    } catch {
      return []; // somebody else's eviction was faster
    }
  });
}

function sizeOf(folder: string): number {
  return list(folder).reduce((sum, { size }) => sum + size, 0);
}

/** @returns bytes that are left */
function evict(folder: string, maxBytes: number): number {
  const files = list(folder).toSorted((left, right) => left.usedMs - right.usedMs);
  let used = files.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of files) {
    if (used <= maxBytes) break;
    rmSync(path, { force: true });
    used -= size;
  }
  return used;
}
