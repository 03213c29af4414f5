// The log as static files that any transparency-log client reads.
// Source: C2SP tlog-tiles, "Merkle Tree" (tile/L/N[.p/W]) and "Log Entries" (tile/entries/N[.p/W], 16-bit lengths).

import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AuditTables } from "./audit-tables.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { tileWidth } from "./merkle.ts";
import { replaceFile } from "./replace-file.ts";

/** `tile/0/x001/x234/067`; `.p/17` at the end of one that is not full. */
export function tilePath(level: number | "entries", number: number, width: number): string {
  const digits = String(number).padStart(Math.ceil(String(number).length / 3) * 3, "0");
  const groups = digits.match(/.{3}/g) ?? [];
  const path = groups.map((group, index) => (index === groups.length - 1 ? group : `x${group}`)).join("/");
  return `tile/${level}/${path}${width === tileWidth ? "" : `.p/${width}`}`;
}

/** Entries as a bundle: each with its length in two bytes, most significant first. */
export function entryBundle(bodies: readonly string[]): Uint8Array {
  return Buffer.concat(
    bodies.flatMap((body) => {
      const bytes = Buffer.from(body);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/**
 * Writes the tree of a signed checkpoint: only what is missing, the checkpoint last. Bundles of dropped records are left out.
 * @param knownSize size of the tree that is known to be there already
 * @returns the number of files written
 */
export function exportTiles(tables: AuditTables, note: string, folder: string, knownSize: number = 0): number {
  const { size } = readCheckpoint(note, "the newest checkpoint");
  let written = 0;
  const write = (path: string, content: () => Uint8Array): void => {
    const file = join(folder, path);
    if (existsSync(file)) return;
    mkdirSync(dirname(file), { recursive: true });
    replaceFile(file, content(), 0o644);
    written++;
  };
  for (let level = 0, unit = 1; unit <= size; level++, unit *= tileWidth) {
    const range = { width: Math.floor(size / unit), first: Math.floor(knownSize / unit / tileWidth) };
    writeLevel(tables, level, range, write, folder);
  }
  const first = Math.max(Math.ceil(tables.span().start / tileWidth), Math.floor(knownSize / tileWidth));
  writeEntries(tables, { width: size, first }, write, folder);
  mkdirSync(folder, { recursive: true });
  replaceFile(join(folder, "checkpoint"), note, 0o644);
  return written;
}

/** Tiles from `first` on, up to `width` hashes or entries. */
type TileRange = { readonly width: number; readonly first: number };
type Write = (path: string, content: () => Uint8Array) => void;

function writeLevel(tables: AuditTables, level: number, range: TileRange, write: Write, folder: string): void {
  const { width, first } = range;
  for (let tile = first; tile * tileWidth < width; tile++) {
    const hashes = Math.min(tileWidth, width - tile * tileWidth);
    write(tilePath(level, tile, hashes), () => {
      const each = Array.from({ length: hashes }, (_, index) => tables.readHash(level, tile * tileWidth + index));
      return Buffer.concat(each);
    });
    if (hashes === tileWidth) dropPartial(folder, level, tile);
  }
}

function writeEntries(tables: AuditTables, range: TileRange, write: Write, folder: string): void {
  const { width: size, first } = range;
  for (let tile = first; tile * tileWidth < size; tile++) {
    const start = tile * tileWidth;
    const end = Math.min(start + tileWidth, size);
    write(tilePath("entries", tile, end - start), () =>
      entryBundle([...tables.entries(start, end)].map((entry) => entry.body)),
    );
    if (end - start === tileWidth) dropPartial(folder, "entries", tile);
  }
}

function dropPartial(folder: string, level: number | "entries", tile: number): void {
  rmSync(join(folder, `${tilePath(level, tile, tileWidth)}.p`), { recursive: true, force: true });
}
