// Many short texts in a few large buffers: one byte a letter where that is enough, two else. Nothing is moved when it grows.

import { limitExceeded } from "../../base/errors.ts";

/** Where a text stands, and how many letters it has, with `wide` added for two bytes a letter. */
export type Stored = { readonly offset: number; readonly length: number };

const chunkBytes = 4 * 1024 * 1024;
/** Texts are shorter than this. */
export const wide = 32_768;

export class NameArena {
  readonly #chunks: Buffer[] = [];
  #end = 0;

  add(text: string, start: number, end: number): Stored {
    const length = end - start;
    if (length >= wide) throw limitExceeded("layer", `a name of ${length} characters, at most ${wide - 1}`);
    let isWide = false;
    for (let at = start; at < end && !isWide; at += 1) isWide = text.charCodeAt(at) > 0xff;
    const offset = this.#reserve(isWide ? length * 2 : length);
    const chunk = this.#chunkAt(offset);
    chunk.write(text.slice(start, end), offset % chunkBytes, isWide ? "utf16le" : "latin1");
    return { offset, length: isWide ? length + wide : length };
  }

  text(offset: number, stored: number): string {
    const at = offset % chunkBytes;
    const chunk = this.#chunkAt(offset);
    return stored > wide
      ? chunk.toString("utf16le", at, at + (stored - wide) * 2)
      : chunk.toString("latin1", at, at + stored);
  }

  /** One letter, as charCodeAt tells it. */
  unit(offset: number, stored: number, index: number): number {
    const chunk = this.#chunkAt(offset);
    const at = offset % chunkBytes;
    return stored > wide ? chunk.readUInt16LE(at + index * 2) : (chunk[at + index] ?? 0);
  }

  /** A text never crosses the end of a chunk. */
  #reserve(bytes: number): number {
    const left = chunkBytes - (this.#end % chunkBytes);
    if (this.#chunks.length === 0 || bytes > left || left === chunkBytes) {
      this.#end = this.#chunks.length * chunkBytes;
      this.#chunks.push(Buffer.allocUnsafe(chunkBytes));
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
