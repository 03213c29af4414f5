// What is known about a downloaded file: kept beside it, so that the next update asks only for what changed.

import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { decodeJson } from "../../base/json.ts";
import type { Decoded } from "../../base/schema.ts";
import { integer, object, string } from "../../base/schema.ts";

const record = object({
  url: string,
  /** "" when the server gave none. */
  etag: string,
  lastModified: string,
  size: integer,
  /** Hex. */
  sha256: string,
  /** RFC 3339: when the publisher last said that this is what it has. */
  checkedAt: string,
});

export type FileRecord = Decoded<typeof record>;

/** undefined when there is no such file, or it is not the one that was recorded. */
export function readFileRecord(path: string): FileRecord | undefined {
  const found = readRecord(`${path}.json`);
  return found !== undefined && existsSync(path) && statSync(path).size === found.size ? found : undefined;
}

/** What came of a download that stopped, and the server's mark by which it can go on. */
export function readPartRecord(path: string): FileRecord | undefined {
  const found = readRecord(`${path}.part.json`);
  return found !== undefined && existsSync(`${path}.part`)
    ? { ...found, size: statSync(`${path}.part`).size }
    : undefined;
}

export function writeRecord(path: string, content: FileRecord): void {
  writeFileSync(`${path}.json.new`, `${JSON.stringify(content)}\n`, { flush: true });
  renameSync(`${path}.json.new`, `${path}.json`);
}

function readRecord(path: string): FileRecord | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return record(decodeJson(readFileSync(path), { maxBytes: 64 * 1024 }), "");
  } catch {
    return undefined; // an unreadable record is no record: the file is fetched anew
  }
}

/** Hex. */
export async function sha256OfFile(path: string): Promise<string> {
  return (await digestOfFile(path, "sha256")).toString("hex");
}

export async function digestOfFile(path: string, algorithm: "sha256" | "md5"): Promise<Buffer> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk);
  return hash.digest();
}
