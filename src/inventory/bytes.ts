// Reads numbers out of bytes from outside. Whatever would lie past the end is malformed input, never undefined or zero.

import { malformed, type PlimsollError } from "../base/errors.ts";

export class ByteView {
  readonly bytes: Uint8Array;
  readonly isLittleEndian: boolean;
  /** What the bytes are, for messages. */
  readonly what: string;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, what: string, isLittleEndian: boolean) {
    this.bytes = bytes;
    this.what = what;
    this.isLittleEndian = isLittleEndian;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  byte(at: number): number {
    return this.#view.getUint8(this.#checked(at, 1));
  }

  short(at: number): number {
    return this.#view.getUint16(this.#checked(at, 2), this.isLittleEndian);
  }

  word(at: number): number {
    return this.#view.getUint32(this.#checked(at, 4), this.isLittleEndian);
  }

  /** A 64-bit number that is an offset or a length: more than 2^53 is past every end. */
  long(at: number): number {
    return Number(this.#view.getBigUint64(this.#checked(at, 8), this.isLittleEndian));
  }

  /** A part, without a copy. */
  slice(at: number, length: number): Uint8Array {
    return this.bytes.subarray(this.#checked(at, length), at + length);
  }

  /** The text up to the next zero byte. */
  zeroTerminated(at: number, maxLength: number = 65_536): string {
    const start = this.#checked(at, 0);
    const end = this.bytes.subarray(start, start + maxLength).indexOf(0);
    if (end === -1) throw this.malformed(`a text without end at ${at}`);
    return utf8.decode(this.bytes.subarray(start, start + end));
  }

  malformed(what: string): PlimsollError {
    return malformed(this.what, what);
  }

  #checked(at: number, length: number): number {
    if (!Number.isSafeInteger(at) || at < 0 || length < 0 || !(at + length <= this.bytes.length)) {
      throw this.malformed(`${length} bytes at ${at}, found an end at ${this.bytes.length}`);
    }
    return at;
  }
}

const utf8 = new TextDecoder("utf-8");
