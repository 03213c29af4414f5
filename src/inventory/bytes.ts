// Reads numbers out of bytes from outside. Whatever would lie past the end is malformed input, never undefined or zero.
// The bytes may be in memory, or in a file that is too large for it: then only the parts that are asked for are read.

import { limitExceeded, malformed, type PlimsollError } from "../base/errors.ts";

/** What is not held in memory. */
export interface LargeBytes {
  readonly length: number;
  /** The caller has looked that they are there. Memory of the caller's own. */
  read(at: number, length: number): Uint8Array<ArrayBuffer>;
}

export type FileBytes = Uint8Array | LargeBytes;

/** Bytes of a file that is not in memory that are read at once for a few numbers, and while something is searched. */
const windowBytes = 64 * 1024;
const searchBytes = 1024 * 1024;
/** What is asked for in one piece of such a file. */
const maxPartBytes = 64 * 1024 * 1024;

export class ByteView {
  readonly length: number;
  readonly isLittleEndian: boolean;
  /** What the bytes are, for messages. */
  readonly what: string;
  readonly #source: FileBytes;
  /** The part that numbers are read from: all of it, when it is in memory. */
  #view: DataView;
  #start = 0;

  constructor(source: FileBytes, what: string, isLittleEndian: boolean) {
    this.#source = source;
    this.length = source.length;
    this.what = what;
    this.isLittleEndian = isLittleEndian;
    this.#view = viewOf(source instanceof Uint8Array ? source : new Uint8Array());
  }

  byte(at: number): number {
    const into = this.#locate(at, 1);
    return this.#view.getUint8(into);
  }

  short(at: number): number {
    const into = this.#locate(at, 2);
    return this.#view.getUint16(into, this.isLittleEndian);
  }

  word(at: number): number {
    const into = this.#locate(at, 4);
    return this.#view.getUint32(into, this.isLittleEndian);
  }

  /** A 64-bit number that is an offset or a length: more than 2^53 is past every end. */
  long(at: number): number {
    const into = this.#locate(at, 8);
    return Number(this.#view.getBigUint64(into, this.isLittleEndian));
  }

  /** A part; of what is in memory without a copy. @throws PlimsollError also LIMIT_EXCEEDED */
  slice(at: number, length: number): Uint8Array {
    this.require(at, length);
    if (this.#source instanceof Uint8Array) return this.#source.subarray(at, at + length);
    if (length <= windowBytes / 2) {
      const into = this.#locate(at, length);
      return new Uint8Array(this.#view.buffer, this.#view.byteOffset + into, length);
    }
    if (length > maxPartBytes) throw limitExceeded(this.what, `a part of ${length} bytes, at most ${maxPartBytes}`);
    return this.#source.read(at, length);
  }

  /** A part that is looked into later, piece by piece. */
  range(at: number, length: number): FileBytes {
    this.require(at, length);
    const source = this.#source;
    if (source instanceof Uint8Array) return source.subarray(at, at + length);
    return { length, read: (into, count) => source.read(at + into, count) };
  }

  /** The bytes between two places as text of one byte a letter; less where they reach past an end. */
  text(start: number, end: number): string {
    const from = Math.max(0, start);
    return toBuffer(this.slice(from, Math.max(0, Math.min(end, this.length) - from))).toString("latin1");
  }

  /** Where the pattern stands next between two places; -1: nowhere. */
  indexOf(pattern: Uint8Array, from: number = 0, end: number = this.length): number {
    for (const { at, bytes } of this.windows(from, end, pattern.length - 1)) {
      const found = bytes.indexOf(pattern);
      if (found >= 0) return at + found;
    }
    return -1;
  }

  /** All bytes between two places, one window after the other; each begins with the last bytes of the one before. */
  *windows(from: number, end: number, overlap: number): Generator<{ readonly at: number; readonly bytes: Buffer }> {
    const last = Math.min(end, this.length);
    const most = this.#source instanceof Uint8Array ? this.length : searchBytes;
    for (let at = from; at >= 0 && at + overlap < last; ) {
      const length = Math.min(most, last - at);
      yield { at, bytes: toBuffer(this.slice(at, length)) };
      at += Math.max(1, length - overlap);
    }
  }

  /** The text up to the next zero byte. */
  zeroTerminated(at: number, maxLength: number = 65_536): string {
    this.require(at, 0);
    const bytes = this.slice(at, Math.min(maxLength, this.length - at));
    const end = bytes.indexOf(0);
    if (end === -1) throw this.malformed(`a text without end at ${at}`);
    return utf8.decode(bytes.subarray(0, end));
  }

  /** @throws PlimsollError when the bytes are not all there */
  require(at: number, length: number): void {
    if (!Number.isSafeInteger(at) || at < 0 || length < 0 || !(at + length <= this.length)) {
      throw this.malformed(`${length} bytes at ${at}, found an end at ${this.length}`);
    }
  }

  malformed(what: string): PlimsollError {
    return malformed(this.what, what);
  }

  /** Makes the view hold the bytes. @returns where in it they stand */
  #locate(at: number, length: number): number {
    this.require(at, length);
    const into = at - this.#start;
    if (into >= 0 && into + length <= this.#view.byteLength) return into;
    const start = at - (at % 4096);
    const source = this.#source;
    if (!(source instanceof Uint8Array))
      this.#view = viewOf(source.read(start, Math.min(windowBytes, this.length - start)));
    this.#start = start;
    return at - start;
  }
}

/** The first bytes, or as many as there are. */
export function startOf(bytes: FileBytes, length: number): Uint8Array {
  const most = Math.min(length, bytes.length);
  return bytes instanceof Uint8Array ? bytes.subarray(0, most) : bytes.read(0, most);
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

const utf8 = new TextDecoder("utf-8");
