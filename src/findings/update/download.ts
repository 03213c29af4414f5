// Brings one file of a publisher here: only when it changed, from where the last try stopped, never more than allowed,
// and in place at once or not at all.
// Source: RFC 9110, sections 13 (conditional requests) and 14 (ranges).

import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { limitExceeded } from "../../base/errors.ts";
import { withoutCredentials } from "../../base/redact-url.ts";
import {
  digestOfFile,
  type FileRecord,
  readFileRecord,
  readPartRecord,
  sha256OfFile,
  writeRecord,
} from "./file-record.ts";
import { type Answer, downloadFailed, PassingFailure, request } from "./request.ts";

export type DownloadOptions = {
  readonly url: string;
  readonly path: string;
  readonly maxBytes: number;
  /** Hex, where the publisher tells it by another way; "" otherwise. */
  readonly sha256: string;
  readonly now: () => Date;
  /** Milliseconds before the second try; doubled before each later one. */
  readonly retryMs: number;
  readonly progress?: (received: number, total: number) => void;
  readonly signal?: AbortSignal;
};

const maxTries = 4;

/** @returns false when the file here is what the publisher still has @throws PlimsollError DOWNLOAD_FAILED, LIMIT_EXCEEDED */
export async function download(options: DownloadOptions): Promise<boolean> {
  mkdirSync(dirname(options.path), { recursive: true });
  for (let count = 1; ; count += 1) {
    try {
      return await downloadOnce(options);
    } catch (cause) {
      if (!(cause instanceof PassingFailure)) throw cause;
      if (count === maxTries) throw downloadFailed(`${cause.message} (tried ${maxTries} times)`, cause);
      await delay(options.retryMs * 2 ** (count - 1), undefined, { ref: true });
    }
  }
}

async function downloadOnce(options: DownloadOptions): Promise<boolean> {
  const { url, path, signal } = options;
  const known = readFileRecord(path);
  const part = readPartRecord(path);
  const resumed = part !== undefined && part.url === url && part.size > 0 ? part : undefined;
  const answer = await request(url, headersFor(known, resumed), signal);
  if (answer.status === 304 && known !== undefined) {
    await drain(answer);
    writeRecord(path, { ...known, checkedAt: options.now().toISOString() });
    return false;
  }
  const start = await startOf(answer, resumed, options);
  await store(answer, start, options);
  return true;
}

/** A weak mark is no ground to join two halves. */
function headersFor(known: FileRecord | undefined, part: FileRecord | undefined): Readonly<Record<string, string>> {
  if (part !== undefined) {
    const mark = part.etag !== "" && !part.etag.startsWith("W/") ? part.etag : part.lastModified;
    if (mark !== "") return { range: `bytes=${part.size}-`, "if-range": mark };
  }
  if (known === undefined) return {};
  if (known.etag !== "") return { "if-none-match": known.etag };
  return known.lastModified === "" ? {} : { "if-modified-since": known.lastModified };
}

/** The byte at which the answer begins. */
async function startOf(answer: Answer, part: FileRecord | undefined, { url, path }: DownloadOptions): Promise<number> {
  if (answer.status === 200) return 0;
  if (answer.status === 206 && part !== undefined) {
    const start = /^bytes (\d+)-\d+\/(?:\d+|\*)$/.exec(answer.header("content-range"))?.[1];
    if (start === String(part.size)) return part.size;
  }
  await drain(answer);
  const what = `${withoutCredentials(url)}: answered ${answer.status}`;
  if (answer.status === 206 || answer.status === 416) {
    rmSync(`${path}.part`, { force: true });
    throw new PassingFailure(`${what}, for a part that it does not have`);
  }
  if (answer.status >= 500 || answer.status === 408 || answer.status === 429) throw new PassingFailure(what);
  throw downloadFailed(what);
}

async function drain(answer: Answer): Promise<void> {
  let bytes = 0;
  for await (const chunk of answer.body) {
    bytes += chunk.length;
    if (bytes > 64 * 1024) return;
  }
}

async function store(answer: Answer, start: number, options: DownloadOptions): Promise<void> {
  const { path, url, maxBytes } = options;
  const length = Number(answer.header("content-length") || Number.NaN);
  const total = start + (Number.isNaN(length) ? 0 : length);
  if (total > maxBytes) throw limitExceeded(withoutCredentials(url), `${total} bytes, at most ${maxBytes}`);
  const mark = { url, etag: answer.header("etag"), lastModified: answer.header("last-modified") };
  const record: FileRecord = { ...mark, size: 0, sha256: "", checkedAt: options.now().toISOString() };
  writeRecord(`${path}.part`, record);
  const size = await append(answer, start, options);
  if (!Number.isNaN(length) && size !== total)
    throw new PassingFailure(`${withoutCredentials(url)}: ${size} bytes of ${total}`);
  const sha256 = await checkHashes(answer, options);
  if (existsSync(`${path}.json`)) rmSync(`${path}.json`);
  renameSync(`${path}.part`, path);
  writeRecord(path, { ...record, size, sha256 });
  rmSync(`${path}.part.json`, { force: true });
}

async function append(answer: Answer, start: number, options: DownloadOptions): Promise<number> {
  const file = await open(`${options.path}.part`, start === 0 ? "w" : "r+");
  let at = start;
  try {
    for await (const chunk of answer.body) {
      if (at + chunk.length > options.maxBytes) {
        throw limitExceeded(withoutCredentials(options.url), `more than ${options.maxBytes} bytes`);
      }
      await file.write(chunk, 0, chunk.length, at);
      at += chunk.length;
      options.progress?.(at, start + Number(answer.header("content-length")));
    }
    await file.truncate(at);
    await file.sync();
  } finally {
    await file.close();
  }
  return at;
}

/** Google's storage tells the MD5 of what it holds; other publishers keep a SHA-256 beside the file. */
async function checkHashes(answer: Answer, { path, url, sha256: expected }: DownloadOptions): Promise<string> {
  const part = `${path}.part`;
  const sha256 = await sha256OfFile(part);
  const md5 = /(?:^|,\s*)md5=([A-Za-z0-9+/=]+)/.exec(answer.header("x-goog-hash"))?.[1];
  const isOther = md5 !== undefined && (await digestOfFile(part, "md5")).toString("base64") !== md5;
  if (isOther || (expected !== "" && expected !== sha256)) {
    rmSync(part, { force: true });
    throw new PassingFailure(`${withoutCredentials(url)}: not what its publisher's checksum says`);
  }
  return sha256;
}
