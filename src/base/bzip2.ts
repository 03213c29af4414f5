// bzip2 bytes -> the bytes they were, block by block, each checked by its sum. A block is 900,000 bytes before its runs are
// written out, so the memory is bounded whatever comes. Streams one after the other are one.
// Source: the format as bzip2's manual and "BZIP2: Format Specification" (J. Tsai, 2016) describe it.

import { malformed } from "./errors.ts";

const blockMagic = 0x314159265359;
const endMagic = 0x177245385090;
const groupSize = 50;
const maxLength = 20;
const maxSelectors = 18_002;

/** @throws PlimsollError MALFORMED_INPUT, after the blocks before the mistake */
export function* bunzip2(bytes: Uint8Array): Generator<Uint8Array> {
  const bits = new BitReader(bytes);
  do {
    const level = bits.read(24) === 0x425a68 ? bits.read(8) - 0x30 : 0;
    if (level < 1 || level > 9) throw broken("no bzip2 stream");
    const blockBytes = level * 100_000;
    let combined = 0;
    for (let magic = bits.readLong(); magic !== endMagic; magic = bits.readLong()) {
      if (magic !== blockMagic) throw broken("no block where one has to be");
      const expected = bits.read(32);
      const block = readBlock(bits, blockBytes);
      if (sumOf(block) !== expected) throw broken("a block is not what its sum says");
      combined = (((combined << 1) | (combined >>> 31)) ^ expected) >>> 0;
      yield block;
    }
    if (bits.read(32) !== combined) throw broken("the whole is not what its sum says");
    bits.align();
  } while (!bits.isAtEnd);
}

class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #bits = 0;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length && this.#count === 0;
  }

  /** @param count at most 32 */
  read(count: number): number {
    if (count > 24) return this.read(count - 16) * 0x10000 + this.read(16);
    while (this.#count < count) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw broken("cut off");
      this.#at += 1;
      this.#bits = ((this.#bits << 8) | byte) & 0x7fff_ffff;
      this.#count += 8;
    }
    this.#count -= count;
    return (this.#bits >>> this.#count) & ((1 << count) - 1);
  }

  /** 48 bits. */
  readLong(): number {
    return this.read(24) * 0x100_0000 + this.read(24);
  }

  /** What is left of a byte does not count. */
  align(): void {
    this.#count -= this.#count % 8;
  }
}

function readBlock(bits: BitReader, blockBytes: number): Uint8Array {
  if (bits.read(1) !== 0) throw broken("a randomized block, as only versions before 1.0 wrote them");
  const start = bits.read(24);
  const symbols = readSymbols(bits);
  const last = readLast(bits, symbols, blockBytes);
  if (start >= last.length) throw broken("a block that begins outside of itself");
  return withRuns(untransform(last, start));
}

/** Which of the 256 bytes occur. */
function readSymbols(bits: BitReader): readonly number[] {
  const ranges = bits.read(16);
  const symbols: number[] = [];
  for (let range = 0; range < 16; range += 1) {
    if ((ranges & (0x8000 >>> range)) === 0) continue;
    const used = bits.read(16);
    for (let at = 0; at < 16; at += 1) if ((used & (0x8000 >>> at)) !== 0) symbols.push(range * 16 + at);
  }
  if (symbols.length === 0) throw broken("a block without any byte");
  return symbols;
}

/** The last column of the sorted rotations: Huffman codes, then runs of the front symbol, then moves to the front. */
function readLast(bits: BitReader, symbols: readonly number[], blockBytes: number): Uint8Array {
  const tables = bits.read(3);
  const count = bits.read(15);
  if (tables < 2 || tables > 6 || count < 1) throw broken("a block without codes");
  const selectors = readSelectors(bits, tables, count);
  const codes = Array.from({ length: tables }, () => readCode(bits, symbols.length + 2));
  const front = Uint8Array.from(symbols);
  const last = new Uint8Array(blockBytes);
  const end = symbols.length + 1;
  let length = 0;
  let run = 0;
  let weight = 1;
  for (let group = 0, left = 0, code: Code | undefined; ; left -= 1) {
    if (left === 0) {
      code = codes[selectors[group] ?? -1];
      if (code === undefined) throw broken("more codes than a block has groups");
      group += 1;
      left = groupSize;
    }
    const symbol = code === undefined ? end : readSymbol(bits, code);
    if (symbol < 2) {
      run += weight << symbol;
      weight <<= 1;
      if (run > blockBytes) throw broken("a block larger than it may be");
      continue;
    }
    if (length + run + 1 > blockBytes + (symbol === end ? 1 : 0)) throw broken("a block larger than it may be");
    last.fill(front[0] ?? 0, length, length + run);
    length += run;
    [run, weight] = [0, 1];
    if (symbol === end) return last.subarray(0, length);
    const moved = front[symbol - 1] ?? 0;
    front.copyWithin(1, 0, symbol - 1);
    front[0] = moved;
    last[length] = moved;
    length += 1;
  }
}

function readSelectors(bits: BitReader, tables: number, count: number): Uint8Array {
  const order = Array.from({ length: tables }, (_, at) => at);
  const selectors = new Uint8Array(Math.min(count, maxSelectors));
  for (let at = 0; at < count; at += 1) {
    let place = 0;
    while (bits.read(1) === 1) {
      place += 1;
      if (place >= tables) throw broken("a group without a code");
    }
    const [chosen = 0] = order.splice(place, 1);
    order.unshift(chosen);
    if (at < selectors.length) selectors[at] = chosen;
  }
  return selectors;
}

/** Canonical: codes of one length are numbers in a row. */
type Code = {
  /** By length: the highest code; -1 where there is none. */
  readonly limits: Int32Array;
  /** By length: what to take off a code to get its place among the symbols. */
  readonly bases: Int32Array;
  readonly symbols: Uint16Array;
  readonly shortest: number;
};

function readCode(bits: BitReader, size: number): Code {
  const lengths = new Uint8Array(size);
  let length = bits.read(5);
  for (let symbol = 0; symbol < size; symbol += 1) {
    for (; ; length += bits.read(1) === 0 ? 1 : -1) {
      if (length < 1 || length > maxLength) throw broken("a code that is too long");
      if (bits.read(1) === 0) break;
    }
    lengths[symbol] = length;
  }
  const limits = new Int32Array(maxLength + 2).fill(-1);
  const bases = new Int32Array(maxLength + 2);
  const symbols = new Uint16Array(size);
  let [code, place] = [0, 0];
  for (let long = 1; long <= maxLength; long += 1) {
    bases[long] = code - place;
    for (let symbol = 0; symbol < size; symbol += 1) {
      if (lengths[symbol] !== long) continue;
      symbols[place] = symbol;
      place += 1;
      code += 1;
    }
    limits[long] = code - 1;
    code <<= 1;
  }
  return { limits, bases, symbols, shortest: Math.min(...lengths) };
}

function readSymbol(bits: BitReader, { limits, bases, symbols, shortest }: Code): number {
  let code = bits.read(shortest);
  for (let length = shortest; length <= maxLength; length += 1) {
    const place = code - (bases[length] ?? 0);
    if (code <= (limits[length] ?? -1) && place >= 0 && place < symbols.length) return symbols[place] ?? 0;
    code = code * 2 + bits.read(1);
  }
  throw broken("a code that stands for nothing");
}

/** Undoes the sorting of rotations. */
function untransform(last: Uint8Array, start: number): Uint8Array {
  const sums = new Uint32Array(256);
  for (const byte of last) sums[byte] = (sums[byte] ?? 0) + 1;
  for (let byte = 0, sum = 0; byte < 256; byte += 1) {
    const count = sums[byte] ?? 0;
    sums[byte] = sum;
    sum += count;
  }
  // Of each place: which byte stands there, in the lowest 8 bits, and where the next one does. One look at memory for each byte.
  const chain = Uint32Array.from(last);
  for (let at = 0; at < last.length; at += 1) {
    const byte = last[at] ?? 0;
    const place = sums[byte] ?? 0;
    chain[place] = (chain[place] ?? 0) | (at << 8);
    sums[byte] = place + 1;
  }
  const plain = new Uint8Array(last.length);
  for (let at = 0, from = (chain[start] ?? 0) >>> 8; at < plain.length; at += 1) {
    const link = chain[from] ?? 0;
    plain[at] = link & 0xff;
    from = link >>> 8;
  }
  return plain;
}

/** Four equal bytes are followed by how many more there are. */
function withRuns(bytes: Uint8Array): Uint8Array {
  let length = 0;
  forRuns(bytes, (_, count) => {
    length += count;
  });
  const whole = new Uint8Array(length);
  let at = 0;
  forRuns(bytes, (byte, count) => {
    whole.fill(byte, at, at + count);
    at += count;
  });
  return whole;
}

function forRuns(bytes: Uint8Array, use: (byte: number, count: number) => void): void {
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0;
    let count = 1;
    while (count < 4 && bytes[at + count] === byte) count += 1;
    at += count;
    if (count === 4) {
      count += bytes[at] ?? 0;
      at += 1;
    }
    use(byte, count);
  }
}

const sums = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) sum = (sum & 0x8000_0000) === 0 ? sum << 1 : (sum << 1) ^ 0x04c1_1db7;
  return sum >>> 0;
});

/** CRC-32, highest bit first. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0xffff_ffff;
  for (const byte of bytes) sum = (sum << 8) ^ (sums[((sum >>> 24) ^ byte) & 0xff] ?? 0);
  return ~sum >>> 0;
}

function broken(what: string) {
  return malformed("bzip2", what);
}
