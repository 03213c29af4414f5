// Results on disk, under names that say exactly what they were made from. Whole or not there: written beside and renamed, and a
// file whose hash is wrong is thrown away. Bounded: what was used longest ago goes first.

import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

export interface FileCache {
  /** @param key 64 hex digits @returns undefined when it is not there, or was damaged */
  get(key: string): Buffer | undefined;
  /** What cannot be written is not kept: a full disk never ends a scan. */
  put(key: string, content: Uint8Array): void;
}

export type FileCacheOptions = {
  readonly folder: string;
  /** Of all files together, compressed. */
  readonly maxBytes: number;
};

const hashBytes = 32;
/** Far beyond any layer's result; a file that inflates to more is not ours. */
const maxInflated = 512 * 1024 * 1024;
const staleMs = 3_600_000;
const temporary = ".writing-";

export function openFileCache(options: FileCacheOptions): FileCache {
  let usedBytes: number | undefined;
  return {
    get(key) {
      const file = join(options.folder, nameOf(key));
      try {
        const content = unpack(readFileSync(file));
        const now = new Date();
        utimesSync(file, now, now);
        return content;
      } catch {
        remove(file);
        return undefined;
      }
    },
    put(key, content) {
      const packed = pack(content);
      const partial = join(options.folder, `${temporary}${randomUUID()}`);
      try {
        mkdirSync(options.folder, { recursive: true, mode: 0o700 });
        usedBytes ??= sizeOf(options.folder);
        if (usedBytes + packed.length > options.maxBytes) usedBytes = evict(options.folder, options.maxBytes * 0.8);
        writeFileSync(partial, packed, { mode: 0o600, flag: "wx" });
        renameSync(partial, join(options.folder, nameOf(key)));
        usedBytes += packed.length;
      } catch {
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

function pack(content: Uint8Array): Buffer {
  const compressed = zstdCompressSync(content, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  return Buffer.concat([createHash("sha256").update(compressed).digest(), compressed]);
}

function unpack(file: Buffer): Buffer {
  const compressed = file.subarray(hashBytes);
  const isWhole = createHash("sha256").update(compressed).digest().equals(file.subarray(0, hashBytes));
  if (!isWhole) throw new Error("the hash is wrong");
  return zstdDecompressSync(compressed, { maxOutputLength: maxInflated });
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
