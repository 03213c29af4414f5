// A map of the kernel, by its file descriptor: keys and values are bytes of fixed size.
// Source: bpf(2), "eBPF maps".

import { PlimsollError } from "../../base/errors.ts";
import { errnoName } from "./errno-name.ts";
import type { Libbpf } from "./libbpf.ts";

const ENOENT = 2;

export class BpfMap {
  readonly #libbpf: Libbpf;
  readonly #fd: number;
  readonly #keyBytes: number;
  readonly #valueBytes: number;

  /** @param valueBytes of a map for each processor: of all processors together */
  constructor(libbpf: Libbpf, fd: number, keyBytes: number, valueBytes: number) {
    this.#libbpf = libbpf;
    this.#fd = fd;
    this.#keyBytes = keyBytes;
    this.#valueBytes = valueBytes;
  }

  /** @throws PlimsollError LIMIT_EXCEEDED when the map is full */
  set(key: Buffer, value: Buffer): void {
    this.#checkSizes(key, value);
    if (Number(this.#libbpf.updateElement(this.#fd, key, value, 0n)) < 0) {
      throw new PlimsollError(
        "LIMIT_EXCEEDED",
        `a map of the watch took no entry: ${errnoName(this.#libbpf.errno())}`,
        {
          hint: "protect fewer containers, or with shorter lists",
        },
      );
    }
  }

  get(key: Buffer): Buffer | undefined {
    const value = Buffer.alloc(this.#valueBytes);
    return Number(this.#libbpf.lookupElement(this.#fd, key, value)) < 0 ? undefined : value;
  }

  /** What is not there is not missed. */
  delete(key: Buffer): void {
    if (Number(this.#libbpf.deleteElement(this.#fd, key)) < 0 && this.#libbpf.errno() !== ENOENT) {
      throw new PlimsollError(
        "PERMISSION_NEEDED",
        `a map of the watch kept an entry: ${errnoName(this.#libbpf.errno())}`,
        {
          hint: "run the watch as root",
        },
      );
    }
  }

  /** All keys at one time; entries that come and go meanwhile may be missed. */
  keys(most: number): readonly Buffer[] {
    const keys: Buffer[] = [];
    let last: Buffer | null = null;
    while (keys.length < most) {
      const next = Buffer.alloc(this.#keyBytes);
      if (Number(this.#libbpf.nextKey(this.#fd, last, next)) < 0) break;
      keys.push(next);
      last = next;
    }
    return keys;
  }

  #checkSizes(key: Buffer, value: Buffer): void {
    if (key.length !== this.#keyBytes || value.length !== this.#valueBytes) {
      throw new TypeError(`a map entry of ${key.length} and ${value.length} bytes`);
    }
  }
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
