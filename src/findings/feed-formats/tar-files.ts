// The files of a compressed tar archive that a publisher made, one after the other. Not for images: src/image reads those,
// with all that an attacker can do to an archive. What is not a plain file with a plain name ends the reading here.
// Source: POSIX pax, "ustar Interchange Format".

import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { limitExceeded, malformed } from "../../base/errors.ts";

export type TarFile = { readonly name: string; readonly content: Uint8Array };

export type TarLimits = { readonly maxFileBytes: number; readonly maxTotalBytes: number };

const blockSize = 512;

/** @throws PlimsollError MALFORMED_INPUT, LIMIT_EXCEEDED; an error of zlib for a broken file */
export async function* readTarFiles(path: string, limits: TarLimits): AsyncIterable<TarFile> {
  const bytes = new ByteQueue(inflated(path), limits.maxTotalBytes);
  let longName = "";
  while (true) {
    const header = await bytes.take(blockSize);
    if (header.length === 0) return;
    if (header.every((byte) => byte === 0)) return;
    const { name, size, type } = readHeader(header);
    if (size > limits.maxFileBytes) throw limitExceeded(path, `${name}: ${size} bytes, at most ${limits.maxFileBytes}`);
    const content = (await bytes.take(Math.ceil(size / blockSize) * blockSize)).subarray(0, size);
    if (content.length !== size) throw malformed(path, "cut off");
    if (type === "L") longName = content.toString("utf8").replace(/\0.*$/s, "");
    else if (type === "x") longName = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(content.toString("utf8"))?.[1] ?? "";
    else {
      if (type === "0" || type === "\0") yield { name: longName || name, content };
      longName = "";
    }
  }
}

function inflated(path: string): AsyncIterable<unknown> {
  const bytes = createReadStream(path, { highWaterMark: 256 * 1024 });
  if (path.endsWith(".zst")) return pipeline(bytes, createZstdDecompress(), () => undefined);
  if (path.endsWith(".gz")) return pipeline(bytes, createGunzip(), () => undefined);
  return bytes;
}

function readHeader(header: Buffer): { readonly name: string; readonly size: number; readonly type: string } {
  const text = (from: number, to: number): string => header.toString("utf8", from, to).replace(/\0.*$/s, "");
  const size = /^[0-7]+[ \0]*$/.test(header.toString("latin1", 124, 136))
    ? Number.parseInt(text(124, 136), 8)
    : Number.NaN;
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  if (Number.isNaN(size) || sum !== Number.parseInt(text(148, 156), 8))
    throw malformed("tar", "no header where one should be");
  const prefix = text(257, 262) === "ustar" ? text(345, 500) : "";
  return { name: [prefix, text(0, 100)].filter((part) => part !== "").join("/"), size, type: text(156, 157) || "\0" };
}

/** Bytes of a stream in pieces of any length. */
class ByteQueue {
  readonly #chunks: AsyncIterator<unknown>;
  readonly #maxBytes: number;
  #pending: Buffer = Buffer.alloc(0);
  #total = 0;

  constructor(stream: AsyncIterable<unknown>, maxBytes: number) {
    this.#chunks = stream[Symbol.asyncIterator]();
    this.#maxBytes = maxBytes;
  }

  /** Fewer bytes only at the end. */
  async take(length: number): Promise<Buffer> {
    const parts = [this.#pending];
    let have = this.#pending.length;
    while (have < length) {
      const { value, done } = await this.#chunks.next();
      if (done === true) break;
      if (!(value instanceof Uint8Array)) throw malformed("tar", "expected bytes");
      this.#total += value.length;
      if (this.#total > this.#maxBytes) throw limitExceeded("tar", `more than ${this.#maxBytes} bytes`);
      parts.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
      have += value.length;
    }
    const all = parts.length === 1 ? this.#pending : Buffer.concat(parts);
    this.#pending = all.subarray(length);
    return all.subarray(0, length);
  }
}
