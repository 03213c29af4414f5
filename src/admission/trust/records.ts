// Small records that outlive the process, one file each, named by the hash of their key: what was verified, what was made here.
// Losing one costs a question to a registry, never a wrong answer: what cannot be read is not there.

import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PlimsollError } from "../../base/errors.ts";
import { type Decoder, decode } from "../../base/schema.ts";

export interface Records<Value> {
  get(key: string): Value | undefined;
  /** @returns false when the disk did not take it: it is then known until the process ends */
  put(key: string, value: Value): boolean;
}

const maxBytes = 1024 * 1024;

/** @param maxRecords more are forgotten, oldest first */
export function openRecords<Value>(folder: string, decoder: Decoder<Value>, maxRecords = 4096): Records<Value> {
  // What is not there is remembered too: nobody else writes here.
  const known = new Map<string, Value | undefined>();
  const fileOf = (key: string): string => join(folder, createHash("sha256").update(key).digest("hex"));
  prune(folder, maxRecords);
  return {
    get(key) {
      if (known.has(key)) return known.get(key);
      const value = read(fileOf(key), decoder);
      keep(known, key, value, maxRecords);
      return value;
    },
    put(key, value) {
      keep(known, key, value, maxRecords);
      return write(folder, fileOf(key), value);
    },
  };
}

function keep<Value>(known: Map<string, Value>, key: string, value: Value, most: number): void {
  const [oldest] = known.keys();
  if (known.size >= most && oldest !== undefined && !known.has(key)) known.delete(oldest);
  known.set(key, value);
}

function read<Value>(file: string, decoder: Decoder<Value>): Value | undefined {
  try {
    if (statSync(file).size > maxBytes) return undefined;
    return decode(decoder, JSON.parse(readFileSync(file, "utf8")), { code: "STORE_UNAVAILABLE", where: file });
  } catch (thrown) {
    if (thrown instanceof PlimsollError || thrown instanceof SyntaxError || isSystemError(thrown)) return undefined;
    throw thrown;
  }
}

/** Whole or not at all: another name first. */
function write(folder: string, file: string, value: unknown): boolean {
  const unfinished = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(unfinished, JSON.stringify(value), { mode: 0o600 });
    renameSync(unfinished, file);
    return true;
  } catch (thrown) {
    if (!isSystemError(thrown)) throw thrown;
    rmSync(unfinished, { force: true });
    return false;
  }
}

function prune(folder: string, most: number): void {
  try {
    const files = readdirSync(folder).map((name) => join(folder, name));
    const aged = files.map((file) => ({ file, atMs: statSync(file).mtimeMs }));
    const old = aged.toSorted((left, right) => right.atMs - left.atMs).slice(most);
    for (const { file } of old) rmSync(file, { force: true });
  } catch (thrown) {
    if (!isSystemError(thrown)) throw thrown; // no folder, no records
  }
}

function isSystemError(thrown: unknown): boolean {
  return thrown instanceof Error && "errno" in thrown;
}
