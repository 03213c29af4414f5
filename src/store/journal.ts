// The journal: what the log promised and the database does not have yet, one line each. Openings stand for requests that
// are under way, records for requests that ended and wait for the next transaction. A line is in the page cache before
// anybody hears of it, so a killed process loses none. docs/decisions/0008-audit-journal.md.

import {
  closeSync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { maxEntryBytes } from "./record.ts";

export interface Journal {
  /** Takes the place of an earlier line with this id. @throws the system's error when the disk is full; nothing stays behind then */
  put(id: string, text: string): void;
  /** Their records are in the database. */
  forget(ids: readonly string[]): void;
  /** Leaves out the lines that are void. To be called before records are dropped: without them the lines would count again. */
  compact(): void;
  /** Afterwards a power cut loses none. */
  sync(): Promise<void>;
  close(): void;
}

/** Void lines that are not worth a system call. */
const maxIdleBytes = 256 * 1024;
/** Eight hexadecimal digits, a space, the text, a line feed. */
const frameBytes = 10;

/** A journal has some megabytes: what is larger was not written by us. */
const maxJournalBytes = 256 * 1024 * 1024;

type Line = { readonly offset: number; readonly length: number };
type Copy = { readonly fresh: number; readonly moved: readonly (readonly [string, Line])[]; readonly length: number };

/**
 * Begins with an empty file.
 * @param origin of the log: its journal is of no use to another
 * @param maxBytes past it the journal is written anew with the lines that count
 */
export function openJournal(file: string, origin: string, maxBytes: number): Journal {
  const lines = new Map<string, Line>();
  const header = headerOf(origin);
  const seed = crc32(origin);
  const buffer = Buffer.allocUnsafe(frameBytes + maxEntryBytes);
  let descriptor = begin(file, header);
  let end = header.length;
  let nextRewrite = end + maxBytes;

  function rewrite(): void {
    const old = descriptor;
    const { fresh, moved, length } = copyLines();
    descriptor = fresh;
    end = length;
    nextRewrite = end + maxBytes;
    for (const [id, line] of moved) lines.set(id, line);
    closeSync(old);
  }

  /** A new file, in place of the old one, with the lines that count. */
  function copyLines(): Copy {
    const fresh = begin(`${file}.new`, header);
    const moved: (readonly [string, Line])[] = [];
    let length = header.length;
    try {
      for (const [id, line] of lines) {
        append(fresh, readLine(descriptor, line), line.length, length);
        moved.push([id, { offset: length, length: line.length }]);
        length += line.length;
      }
      fdatasyncSync(fresh);
      renameSync(`${file}.new`, file);
      return { fresh, moved, length };
    } catch (cause) {
      closeSync(fresh);
      rmSync(`${file}.new`, { force: true });
      throw cause;
    }
  }

  function clear(): void {
    ftruncateSync(descriptor, header.length);
    end = header.length;
    nextRewrite = end + maxBytes;
  }

  function tidy(): void {
    try {
      if (lines.size === 0 && end > maxIdleBytes) clear();
      if (end > nextRewrite) rewrite();
    } catch {
      nextRewrite = end + maxBytes; // the file stays as long as it is, and every line in it stays true
    }
  }

  return {
    put(id, text) {
      const length = frame(buffer, text, seed);
      append(descriptor, buffer, length, end);
      lines.set(id, { offset: end, length });
      end += length;
    },
    forget(ids) {
      for (const id of ids) lines.delete(id);
      tidy();
    },
    compact: rewrite,
    sync: () => syncFile(file),
    close() {
      if (lines.size === 0) clear();
      closeSync(descriptor);
    },
  };
}

export type JournalContent = {
  /** False: it is another log's, or no journal. */
  readonly isOurs: boolean;
  /** Texts as they were put, oldest first. */
  readonly texts: readonly string[];
  /** Lines that are not what was written. A last line without its end was never promised, and is not counted. */
  readonly damaged: number;
};

/** What a process left behind. */
export function readJournal(file: string, origin: string): JournalContent {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const bytes = size > maxJournalBytes ? Buffer.of(0) : size > 0 ? readFileSync(file) : Buffer.of();
  const header = headerOf(origin);
  const isOurs = bytes.length === 0 || bytes.subarray(0, header.length).equals(header);
  return isOurs ? readLines(bytes, header.length, crc32(origin)) : { isOurs, texts: [], damaged: 0 };
}

function readLines(bytes: Buffer, start: number, seed: number): JournalContent {
  const texts: string[] = [];
  let damaged = 0;
  for (let at = start; ; ) {
    const next = bytes.indexOf(10, at);
    if (next < 0) return { isOurs: true, texts, damaged };
    const line = bytes.subarray(at, next);
    if (isWhole(line, seed)) texts.push(line.toString("utf8", frameBytes - 1));
    else damaged++;
    at = next + 1;
  }
}

function headerOf(origin: string): Buffer {
  return Buffer.from(`plimsoll audit journal 1 ${origin}\n`);
}

function begin(file: string, header: Uint8Array): number {
  const descriptor = openSync(file, "w+", 0o600);
  try {
    append(descriptor, header, header.length, 0);
    return descriptor;
  } catch (cause) {
    closeSync(descriptor);
    throw cause;
  }
}

/** Writes a line into the buffer. @returns its length */
function frame(buffer: Buffer, text: string, seed: number): number {
  if (text.length * 3 > maxEntryBytes && Buffer.byteLength(text) > maxEntryBytes) {
    throw new RangeError(`a line of more than ${maxEntryBytes} bytes`);
  }
  const end = frameBytes - 1 + buffer.write(text, frameBytes - 1);
  buffer.write(`${checksum(buffer.subarray(frameBytes - 1, end), seed)} `, "latin1");
  buffer[end] = 10;
  return end + 1;
}

function isWhole(line: Buffer, seed: number): boolean {
  const text = line.subarray(frameBytes - 1);
  return text.length > 0 && line.toString("latin1", 0, frameBytes - 1) === `${checksum(text, seed)} `;
}

/** Against disks and power cuts, not against people: those are the tree's business. */
function checksum(text: Uint8Array, seed: number): string {
  return crc32(text, seed).toString(16).padStart(8, "0");
}

function append(descriptor: number, bytes: Uint8Array, length: number, offset: number): void {
  const written = writeSync(descriptor, bytes, 0, length, offset);
  if (written === length) return;
  ftruncateSync(descriptor, offset);
  throw new Error("no space left on device");
}

function readLine(descriptor: number, line: Line): Uint8Array {
  const bytes = Buffer.alloc(line.length);
  readSync(descriptor, bytes, 0, line.length, line.offset);
  return bytes;
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
