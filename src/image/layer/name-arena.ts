// Many short texts in a few large buffers: one byte a letter where that is enough, two else. Nothing is moved when it grows.

import { limitExceeded } from "../../base/errors.ts";

/** Where a text stands, and how many letters it has, with `wide` added for two bytes a letter. */
export type Stored = { readonly offset: number; readonly length: number };

const chunkBytes = 4 * 1024 * 1024;
/** Texts are shorter than this. */
const wide = 32_768;

export class NameArena {
  readonly #chunks: Buffer<ArrayBuffer>[] = [];
  #end = 0;

  add(text: string, start: number, end: number): Stored {
    const length = end - start;
    if (length >= wide) throw limitExceeded("layer", `a name of ${length} characters, at most ${wide - 1}`);
    let isWide = false;
    for (let at = start; at < end && !isWide; at += 1) isWide = text.charCodeAt(at) > 0xff;
    const offset = this.#reserve(isWide ? length * 2 : length);
    const chunk = this.#chunkAt(offset);
    const at = offset % chunkBytes;
    if (isWide) chunk.write(text.slice(start, end), at, "utf16le");
    else for (let index = 0; index < length; index += 1) chunk[at + index] = text.charCodeAt(start + index);
    return { offset, length: isWide ? length + wide : length };
  }

  text(offset: number, stored: number): string {
    const at = offset % chunkBytes;
    const chunk = this.#chunkAt(offset);
    return stored > wide
      ? chunk.toString("utf16le", at, at + (stored - wide) * 2)
      : chunk.toString("latin1", at, at + stored);
  }

  /** Whether the text has these letters from `start` on. */
  equals(offset: number, stored: number, text: string, start: number): boolean {
    const chunk = this.#chunkAt(offset);
    const [at, length] = [offset % chunkBytes, lengthOf(stored)];
    for (let index = 0; index < length; index += 1) {
      if (unitAt(chunk, at, stored, index) !== text.charCodeAt(start + index)) return false;
    }
    return true;
  }

  /** As `hashText` of the same letters. */
  hash(offset: number, stored: number, seed: number): number {
    const chunk = this.#chunkAt(offset);
    const [at, length] = [offset % chunkBytes, lengthOf(stored)];
    let hash = seed;
    for (let index = 0; index < length; index += 1) hash = mix(hash, unitAt(chunk, at, stored, index));
    return hash;
  }

  /** Gives the memory back at once. */
  release(): void {
    for (const { buffer } of this.#chunks.splice(0)) buffer.transfer(0);
  }

  /** A text never crosses the end of a chunk. */
  #reserve(bytes: number): number {
    const left = chunkBytes - (this.#end % chunkBytes);
    if (this.#chunks.length === 0 || bytes > left || left === chunkBytes) {
      this.#end = this.#chunks.length * chunkBytes;
      this.#chunks.push(Buffer.allocUnsafeSlow(chunkBytes));
    }
    const offset = this.#end;
    this.#end += bytes;
    return offset;
  }

  #chunkAt(offset: number): Buffer {
    return this.#chunks[Math.floor(offset / chunkBytes)] ?? none;
  }
}

const none = Buffer.alloc(0);

/** In letters. */
export function lengthOf(stored: number): number {
  return stored > wide ? stored - wide : stored;
}

/** One letter, as charCodeAt tells it. */
function unitAt(chunk: Buffer, at: number, stored: number, index: number): number {
  return stored > wide ? chunk.readUInt16LE(at + index * 2) : (chunk[at + index] ?? 0);
}

export function hashText(text: string, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let at = start; at < end; at += 1) hash = mix(hash, text.charCodeAt(at));
  return hash;
}

function mix(hash: number, unit: number): number {
  const mixed = Math.imul(hash ^ unit, 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}
