// The first three lines of a database and its index, checked: nothing behind them is read before somebody trusted has signed them.

import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync } from "node:fs";
import { zstdDecompressSync } from "node:zlib";
import { errorText } from "../../base/errors.ts";
import { decodeJson } from "../../base/json.ts";
import { decode } from "../../base/schema.ts";
import { fileSource } from "../../base/zip/byte-source.ts";
import { type BlockEntry, indexSchema, limits, type Manifest, magic, manifestSchema } from "./format.ts";
import { invalid, verify } from "./signing.ts";

export type DatabaseHead = {
  /** Open for reading; the caller closes it. */
  readonly descriptor: number;
  readonly manifest: Manifest;
  /** SHA-256 of what was signed, hex. */
  readonly digest: string;
  readonly publicKey: string;
  readonly index: readonly BlockEntry[];
  /** Where the first block begins. */
  readonly blocksOffset: number;
};

/** @throws PlimsollError ADVISORIES_INVALID */
export function readHead(file: string, trustedKeys: readonly string[]): DatabaseHead {
  const descriptor = openSync(file, "r");
  try {
    return { descriptor, ...readFrom(descriptor, file, trustedKeys) };
  } catch (cause) {
    closeSync(descriptor);
    throw invalid(`${file}: ${errorText(cause)}`, cause);
  }
}

function readFrom(descriptor: number, file: string, trustedKeys: readonly string[]): Omit<DatabaseHead, "descriptor"> {
  const size = fstatSync(descriptor).size;
  if (size > limits.maxFileBytes) throw invalid(`${size} bytes, at most ${limits.maxFileBytes}`);
  const source = fileSource(descriptor);
  const start = Buffer.from(source.read(0, Math.min(size, limits.maxHeadBytes)));
  const ends = lineEnds(start, 3);
  const [firstEnd = 0, signedEnd = 0, headEnd = 0] = ends;
  if (ends.length !== 3 || start.toString("latin1", 0, firstEnd - 1) !== magic) throw invalid("no advisory database");
  const signed = start.subarray(0, signedEnd);
  const publicKey = checkSeal(start.toString("latin1", signedEnd, headEnd - 1), signed, trustedKeys);
  const manifest = decode(manifestSchema, decodeJson(signed.subarray(firstEnd)), {
    code: "ADVISORIES_INVALID",
    where: file,
  });
  if (headEnd + manifest.index.size + manifest.blocks.size !== size) throw invalid("cut off, or longer than it says");
  const index = readIndex(source.read(headEnd, manifest.index.size), manifest);
  const blocksOffset = headEnd + manifest.index.size;
  return { manifest, digest: createHash("sha256").update(signed).digest("hex"), publicKey, index, blocksOffset };
}

function lineEnds(bytes: Buffer, count: number): readonly number[] {
  const ends: number[] = [];
  for (let at = bytes.indexOf(10); at !== -1 && ends.length < count; at = bytes.indexOf(10, at + 1)) ends.push(at + 1);
  return ends;
}

function checkSeal(line: string, signed: Uint8Array, trustedKeys: readonly string[]): string {
  const [signature = "", publicKey = ""] = line.split(" ");
  if (!trustedKeys.includes(publicKey))
    throw invalid(`signed by ${publicKey.slice(0, 60)}, which is not a trusted key`);
  if (!verify(publicKey, signed, signature)) throw invalid("the signature does not hold");
  return publicKey;
}

function readIndex(compressed: Uint8Array, manifest: Manifest): readonly BlockEntry[] {
  if (manifest.index.size > limits.maxIndexBytes) throw invalid(`an index of ${manifest.index.size} bytes`);
  if (createHash("sha256").update(compressed).digest("hex") !== manifest.index.sha256)
    throw invalid("the index was changed");
  const json = zstdDecompressSync(compressed, { maxOutputLength: limits.maxIndexBytes });
  return decode(indexSchema, JSON.parse(json.toString("utf8")), { code: "ADVISORIES_INVALID", where: "index" });
}
