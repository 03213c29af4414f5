// The paths of a layer with what each does to lower layers, small enough to keep: each path as the length that it shares with
// the one before it, and the rest. Tar archives are written folder by folder, so little is left.

import { limitExceeded, malformed } from "../../base/errors.ts";
import type { EntryKind } from "../../model/layer.ts";

/** The numbers are stored: append, never reorder. */
const kinds: readonly EntryKind[] = [
  "file",
  "directory",
  "symlink",
  "hardlink",
  "character-device",
  "block-device",
  "fifo",
  "whiteout",
  "opaque",
];
const codes: ReadonlyMap<EntryKind, number> = new Map(kinds.map((kind, code) => [kind, code]));

/** Kind, shared units, length of the rest in bytes. */
const headBytes = 5;
const maxUnits = 0xffff;

export class PathRecorder {
  #buffer = Buffer.allocUnsafe(64 * 1024);
  #end = 0;
  #last = "";

  add(path: string, kind: EntryKind): void {
    const shared = sharedStart(this.#last, path);
    const rest = path.length - shared;
    if (rest * 2 > maxUnits) throw limitExceeded("layer", `a path of ${path.length} characters`);
    this.#reserve(headBytes + rest * 2);
    const start = this.#end + headBytes;
    // UTF-16 keeps the lone surrogates that stand for bytes which are no UTF-8.
    const written = this.#buffer.write(path.slice(shared), start, "utf16le");
    this.#buffer[this.#end] = codes.get(kind) ?? 0;
    this.#buffer.writeUInt16LE(shared, this.#end + 1);
    this.#buffer.writeUInt16LE(written, this.#end + 3);
    this.#end = start + written;
    this.#last = path;
  }

  /** A copy of what was recorded. */
  take(): Uint8Array {
    return new Uint8Array(this.#buffer.subarray(0, this.#end));
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#end + bytes));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}

/** @throws PlimsollError MALFORMED_INPUT for bytes that no recorder wrote */
export function* readPaths(bytes: Uint8Array): Generator<{ readonly path: string; readonly kind: EntryKind }> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let path = "";
  for (let at = 0; at < buffer.length; ) {
    if (at + headBytes > buffer.length) throw malformed("recorded paths", "they end within an entry");
    const kind = kinds[buffer[at] ?? 0xff];
    const shared = buffer.readUInt16LE(at + 1);
    const end = at + headBytes + buffer.readUInt16LE(at + 3);
    if (kind === undefined || end > buffer.length || shared > path.length)
      throw malformed("recorded paths", "an entry that no recorder wrote");
    path = path.slice(0, shared) + buffer.toString("utf16le", at + headBytes, end);
    yield { path, kind };
    at = end;
  }
}

function sharedStart(before: string, path: string): number {
  const most = Math.min(before.length, path.length, maxUnits);
  let shared = 0;
  while (shared < most && before.charCodeAt(shared) === path.charCodeAt(shared)) shared += 1;
  return shared;
}
