// One 512-byte tar header, read as Go's archive/tar reads it, because that is what engines use.
// Source: POSIX.1-1988 ustar; GNU tar manual, "Basic Tar Format"; go/src/archive/tar/reader.go, readHeader.

import { decodeText } from "./name.ts";
import { isOddNumber, readNumber } from "./number.ts";

export const blockBytes = 512;

export type TarHeader = {
  /** One character; NUL is the regular file of old archives. */
  readonly type: string;
  readonly name: string;
  readonly linkName: string;
  /** As the field says, even where the type has no content. */
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  /** `major:minor` for device nodes, else "". */
  readonly device: string;
  /** Its checksum is that of signed bytes, which not all readers take. */
  readonly isSigned: boolean;
};

export type HeaderOddity = { readonly rule: string; readonly detail: string };

export function isZeroBlock(block: Buffer, at: number): boolean {
  for (let index = at; index < at + blockBytes; index += 1) if (block[index] !== 0) return false;
  return true;
}

/** @returns undefined when the checksum or a number is wrong: Go refuses the archive */
export function readHeader(block: Buffer, at: number): TarHeader | undefined {
  const isSigned = !hasPlainChecksum(block, at);
  if (isSigned && signedSum(block, at) !== checksumField(block, at)) return undefined;
  const type = String.fromCharCode(block[at + 156] ?? 0);
  const format = formatOf(block, at);
  const isDevice = type === "3" || type === "4";
  const [major, minor] = format === "v7" ? [0, 0] : [number(block, at, 329, 8), number(block, at, 337, 8)];
  const header = {
    type,
    name: withPrefix(block, at, format),
    linkName: block[at + 157] === 0 ? "" : decodeText(block, at + 157, at + 257),
    size: number(block, at, 124, 12),
    mode: number(block, at, 100, 8),
    uid: number(block, at, 108, 8),
    gid: number(block, at, 116, 8),
    mtime: number(block, at, 136, 12),
    device: isDevice ? `${major}:${minor}` : "",
    isSigned,
  };
  const all = header.size + header.mode + header.uid + header.gid + header.mtime + major + minor;
  return Number.isNaN(all) || header.size < 0 || !hasStarTimes(block, at, format) ? undefined : header;
}

/** What other readers would make something else of, in a header that Go takes. */
export function headerOddities(block: Buffer, at: number, header: TarHeader): readonly HeaderOddity[] {
  const isOddSize = isOddNumber(block, at + 124, at + 136);
  const hasPrefix = block[at + 345] !== 0;
  if (!isOddSize && !header.isSigned && !hasPrefix) return none;
  const oddities: HeaderOddity[] = [];
  if (isOddSize) oddities.push({ rule: "odd-number", detail: "size field" });
  if (header.isSigned) oddities.push({ rule: "signed-checksum", detail: "sum of signed bytes" });
  if (hasPrefix && !hasPlainPrefix(block, at)) {
    oddities.push({ rule: "prefix-by-format", detail: "bytes in the prefix field of a format without one" });
  }
  return oddities;
}

const none: readonly HeaderOddity[] = [];

type Format = "posix" | "star" | "gnu" | "v7";

const [posixMagic, gnuMagic, starMagic] = [Buffer.from("ustar\0"), Buffer.from("ustar  \0"), Buffer.from("tar\0")];

function formatOf(block: Buffer, at: number): Format {
  if (holds(block, at + 257, posixMagic)) return holds(block, at + 508, starMagic) ? "star" : "posix";
  return holds(block, at + 257, gnuMagic) ? "gnu" : "v7";
}

function holds(block: Buffer, at: number, bytes: Buffer): boolean {
  for (let index = 0; index < bytes.length; index += 1) if (block[at + index] !== bytes[index]) return false;
  return true;
}

function withPrefix(block: Buffer, at: number, format: Format): string {
  const name = decodeText(block, at, at + 100);
  if (block[at + 345] === 0 || format === "v7") return name;
  if (format === "gnu" && !hasOldGoPrefix(block, at)) return name;
  const prefix = decodeText(block, at + 345, at + 345 + (format === "star" ? 131 : 155));
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** Go before 1.8 wrote prefixes into GNU headers, where times belong; its reader still heals that. */
function hasOldGoPrefix(block: Buffer, at: number): boolean {
  const times = number(block, at, 345, 12) + (block[at + 357] === 0 ? 0 : number(block, at, 357, 12));
  if (!Number.isNaN(times)) return false;
  for (let index = at + 345; index < at + 500 && block[index] !== 0; index += 1) {
    if ((block[index] ?? 0) >= 0x80) return false;
  }
  return true;
}

function hasStarTimes(block: Buffer, at: number, format: Format): boolean {
  return format !== "star" || !Number.isNaN(number(block, at, 476, 12) + number(block, at, 488, 12));
}

/** The one form in which all readers agree that there is a prefix, and where it ends. */
function hasPlainPrefix(block: Buffer, at: number): boolean {
  const format = formatOf(block, at);
  if (format === "star") return block.subarray(at + 345, at + 345 + 131).includes(0);
  return format === "posix" && block.toString("latin1", at + 263, at + 265) === "00";
}

function number(block: Buffer, at: number, offset: number, length: number): number {
  return readNumber(block, at + offset, at + offset + length);
}

function hasPlainChecksum(block: Buffer, at: number): boolean {
  let sum = 8 * 0x20;
  for (let index = at; index < at + 148; index += 1) sum += block[index] ?? 0;
  for (let index = at + 156; index < at + blockBytes; index += 1) sum += block[index] ?? 0;
  return sum === checksumField(block, at);
}

/** Sun's tar added signed bytes. */
function signedSum(block: Buffer, at: number): number {
  let sum = 8 * 0x20;
  for (let index = 0; index < blockBytes; index += 1) {
    if (index < 148 || index >= 156) sum += block.readInt8(at + index);
  }
  return sum;
}

/** Octal only. */
function checksumField(block: Buffer, at: number): number {
  return ((block[at + 148] ?? 0) & 0x80) === 0 ? number(block, at, 148, 8) : Number.NaN;
}
