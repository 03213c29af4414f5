// Requests that were let through and have no end yet: one line each, in the page cache before the engine is asked.
// A line is void as soon as the log has a record with its id, so ending a request is one commit and nothing here.

import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync, renameSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";

export interface IntentJournal {
  /** @throws the system's error when the disk is full; nothing stays behind then */
  add(id: string, opening: string): void;
  /** Its record is in the log. */
  end(id: string): void;
  has(id: string): boolean;
  count(): number;
  /** Leaves out the lines of requests that ended. To be called before records are dropped: without them the lines would count again. */
  compact(): void;
  /** Afterwards a power cut loses none. */
  sync(): Promise<void>;
  close(): void;
}

/** Void lines that are not worth a system call. */
const maxIdleBytes = 256 * 1024;

type Line = { readonly offset: number; readonly length: number };

/** @param maxBytes past it the journal is written anew with what is still open */
export function openIntentJournal(file: string, maxBytes: number): IntentJournal {
  const lines = new Map<string, Line>();
  let descriptor = openSync(file, "w+", 0o600);
  let end = 0;
  let nextRewrite = maxBytes;

  function rewrite(): void {
    const fresh = openSync(`${file}.new`, "w+", 0o600);
    const moved: (readonly [string, Line])[] = [];
    let offset = 0;
    try {
      for (const [id, line] of lines) {
        append(fresh, readLine(descriptor, line), offset);
        moved.push([id, { offset, length: line.length }]);
        offset += line.length;
      }
      renameSync(`${file}.new`, file);
    } catch (cause) {
      closeSync(fresh);
      throw cause;
    }
    closeSync(descriptor);
    descriptor = fresh;
    end = offset;
    nextRewrite = end + maxBytes;
    for (const [id, line] of moved) lines.set(id, line);
  }

  function clear(): void {
    ftruncateSync(descriptor, 0);
    end = 0;
    nextRewrite = maxBytes;
  }

  return {
    add(id, opening) {
      if (lines.size === 0 && end > maxIdleBytes) clear();
      if (end > nextRewrite) rewrite();
      const bytes = Buffer.from(`${opening}\n`);
      append(descriptor, bytes, end);
      lines.set(id, { offset: end, length: bytes.length });
      end += bytes.length;
    },
    end: (id) => {
      lines.delete(id);
    },
    has: (id) => lines.has(id),
    count: () => lines.size,
    compact: rewrite,
    sync: () => syncFile(file),
    close() {
      if (lines.size === 0) clear();
      closeSync(descriptor);
    },
  };
}

/** The openings that a process left behind. A last line without its end was never acknowledged. */
export function readIntents(file: string): readonly string[] {
  const descriptor = openSync(file, "a+", 0o600);
  try {
    if (fstatSync(descriptor).size === 0) return [];
    return readFileSync(descriptor, "utf8").split("\n").slice(0, -1);
  } finally {
    closeSync(descriptor);
  }
}

function append(descriptor: number, bytes: Uint8Array, offset: number): void {
  const written = writeSync(descriptor, bytes, 0, bytes.length, offset);
  if (written === bytes.length) return;
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
