// A tar archive, written file by file within a limit. Source: POSIX.1-2017, pax, "ustar Interchange Format".

import { closeSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { limitExceeded } from "../../base/errors.ts";

export interface TarWriter {
  /** @throws PlimsollError LIMIT_EXCEEDED; nothing of the file is then in the archive */
  add(name: string, content: Buffer | string): void;
  /** Ends the archive, with one last file of at most 512 bytes that always has room. */
  end(last: { readonly name: string; readonly content: string } | undefined): void;
  /** Takes everything back. */
  abandon(): void;
}

const block = 512;
/** A last file with its header, and two empty blocks. */
const ending = 4 * block;
/** Left for others: an archive must not be what fills the disk. */
const keptFreeBytes = 64 << 20;

/** @param file must not exist @throws Error when it cannot be made */
export function createTar(file: string, options: { readonly maxBytes: number; readonly timeMs: number }): TarWriter {
  const fd = openSync(file, "wx", 0o600);
  let size = 0;
  const write = (bytes: Buffer): void => {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    size += bytes.length;
  };
  const put = (name: string, bytes: Buffer): void => {
    const padding = Buffer.alloc((block - (bytes.length % block)) % block);
    write(Buffer.concat([header(name, bytes.length, options.timeMs), bytes, padding]));
  };
  return {
    add(name, content) {
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      const needed = block + Math.ceil(bytes.length / block) * block;
      const room = Math.min(options.maxBytes - ending - size, freeBytes(file) - keptFreeBytes);
      if (needed > room) throw limitExceeded(file, `${needed} bytes more than there is room for`);
      put(name, bytes);
    },
    end(last) {
      if (last !== undefined) put(last.name, Buffer.from(last.content).subarray(0, block));
      write(Buffer.alloc(2 * block));
      closeSync(fd);
    },
    abandon() {
      closeSync(fd);
      rmSync(file, { force: true });
    },
  };
}

function freeBytes(file: string): number {
  const { bavail, bsize } = statfsSync(dirname(file));
  return bavail * bsize;
}

function header(name: string, size: number, timeMs: number): Buffer {
  const bytes = Buffer.alloc(block);
  bytes.write(name.slice(0, 100), 0, 100, "utf8");
  const octal = (value: number, at: number, length: number): void => {
    bytes.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, length, "latin1");
  };
  octal(0o600, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(Math.floor(timeMs / 1000), 136, 12);
  bytes.write("        0", 148, 9, "latin1");
  bytes.write("ustar\x0000", 257, 8, "latin1");
  octal(
    bytes.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return bytes;
}
