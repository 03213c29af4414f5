// Numbers and texts as few bytes: seven bits of a number in each, texts in one byte a letter where that is enough.

import { malformed } from "../../base/errors.ts";

const firstBytes = 64 * 1024;
/** Longest number below 2^35, and the head of a text. */
const headBytes = 10;

export class ByteWriter {
  #bytes = Buffer.from(new ArrayBuffer(firstBytes));
  #end = 0;

  /** @param value whole, from 0 to 2^35 */
  number(value: number): void {
    this.#make(headBytes);
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) {
      this.#bytes[this.#end] = (rest % 128) + 128;
      this.#end += 1;
    }
    this.#bytes[this.#end] = rest;
    this.#end += 1;
  }

  text(text: string): void {
    let isWide = false;
    for (let at = 0; at < text.length && !isWide; at += 1) isWide = text.charCodeAt(at) > 0xff;
    this.number(text.length * 2 + (isWide ? 1 : 0));
    this.#make(text.length * 2);
    this.#end += this.#bytes.write(text, this.#end, isWide ? "utf16le" : "latin1");
  }

  /** All that was written; the writer is empty then. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.#bytes.buffer.transfer(this.#end));
    this.#bytes = Buffer.from(new ArrayBuffer(firstBytes));
    this.#end = 0;
    return taken;
  }

  #make(room: number): void {
    const needed = this.#end + room;
    if (needed > this.#bytes.length) this.#bytes = Buffer.from(this.#bytes.buffer.transfer(Math.ceil(needed * 1.5)));
  }
}

export class ByteReader {
  readonly #bytes: Buffer;
  readonly #where: string;
  #at = 0;

  constructor(bytes: Uint8Array, where: string) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#where = where;
  }

  /** @throws PlimsollError MALFORMED_INPUT at the end of the bytes, or past 2^35 */
  number(): number {
    let value = 0;
    for (let factor = 1; factor <= 128 ** 4; factor *= 128) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) break;
      this.#at += 1;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
    throw malformed(this.#where, "cut short");
  }

  text(): string {
    const head = this.number();
    const isWide = head % 2 === 1;
    const bytes = Math.floor(head / 2) * (isWide ? 2 : 1);
    const start = this.#at;
    this.#at += bytes;
    if (this.#at > this.#bytes.length) throw malformed(this.#where, "cut short");
    return this.#bytes.toString(isWide ? "utf16le" : "latin1", start, this.#at);
  }

  /** @throws PlimsollError MALFORMED_INPUT when bytes are left */
  end(): void {
    if (this.#at !== this.#bytes.length) throw malformed(this.#where, "bytes behind its end");
  }
}
