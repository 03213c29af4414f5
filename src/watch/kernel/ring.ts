// The kernel's ring of events, mapped into this process and read in place: no call and no copy for an event.
// Source: Linux kernel/bpf/ringbuf.c and Documentation/bpf/ringbuf.rst: one page with the consumer's position, one with the
// producer's, then the data twice, so that no record wraps. A record starts with 32 bits of length and two flags.

import type { Libbpf } from "./libbpf.ts";

const page = 4096;
const busyBit = 0x8000_0000;
const discardBit = 0x4000_0000;
const headerBytes = 8;
/** Of the second time that the data comes, as much as the longest record may need: every page counts as memory of this process. */
const overlapBytes = 2 * page;
/** The position is written back this often, so that the kernel gets its room again while we read. */
const between = 64;

const PROT_READ = 1;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;

export type RingMemory = {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
};

export class Ring {
  /** Offsets that `consume` hands out are into this. */
  readonly memory: RingMemory;
  readonly #libbpf: Libbpf;
  readonly #size: number;
  readonly #consumer: BigUint64Array;
  readonly #producer: BigUint64Array;
  readonly #pointers: readonly (readonly [unknown, number])[];
  readonly #fd: number;
  #position: number;
  #isClosed = false;

  /** @param size of the data in bytes, a power of two */
  constructor(libbpf: Libbpf, fd: number, size: number) {
    this.#libbpf = libbpf;
    this.#size = size;
    const consumer = libbpf.mmap(null, page, PROT_READ_WRITE, MAP_SHARED, fd, 0);
    const length = page + size + overlapBytes;
    const producer = libbpf.mmap(null, length, PROT_READ, MAP_SHARED, fd, page);
    this.#pointers = [
      [consumer, page],
      [producer, length],
    ];
    const memory = libbpf.view(producer, length);
    this.#consumer = new BigUint64Array(libbpf.view(consumer, page), 0, 1);
    this.#producer = new BigUint64Array(memory, 0, 1);
    this.memory = { bytes: Buffer.from(memory), words: new Uint32Array(memory) };
    this.#position = Number(Atomics.load(this.#consumer, 0));
    this.#fd = fd;
  }

  /** Hands each waiting record to `handle`: its offset in `memory` and its length. @returns how many there were */
  consume(handle: (offset: number, length: number) => void, most: number): number {
    const { words } = this.memory;
    const mask = this.#size - 1;
    let position = this.#position;
    let count = 0;
    while (count < most) {
      const end = Number(Atomics.load(this.#producer, 0));
      if (position >= end) break;
      while (position < end && count < most) {
        // Beyond 2^31 the bit operators of JavaScript would lose digits.
        const offset = page + ((position % 0x8000_0000) & mask);
        const header = Atomics.load(words, offset >>> 2);
        if ((header & busyBit) !== 0) return this.#keep(position, count);
        const length = header & ~(busyBit | discardBit);
        if ((header & discardBit) === 0) handle(offset + headerBytes, length);
        position += (length + headerBytes + 7) & ~7;
        count++;
        if (count % between === 0) this.#keep(position, count);
      }
    }
    return this.#keep(position, count);
  }

  /** Calls back at an alarm; what is submitted without one is found only by who looks. */
  onAlarm(then: () => void): { close(): void } {
    return this.#libbpf.whenReadable(this.#fd, then);
  }

  /** Nobody may read `memory` afterwards. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const [pointer, bytes] of this.#pointers) this.#libbpf.munmap(pointer, bytes);
  }

  #keep(position: number, count: number): number {
    this.#position = position;
    Atomics.store(this.#consumer, 0, BigInt(position));
    return count;
  }
}
