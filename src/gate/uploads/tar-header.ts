// One 512-byte tar header and the extended headers before it, read as Go's archive/tar reads them, because that is what
// the engine uses. Source: POSIX pax (IEEE Std 1003.1), GNU tar manual "Basic Tar Format", go/src/archive/tar/reader.go.

export const blockBytes = 512;

export type TarHeader = {
  /** One character; NUL of old archives is "0". */
  readonly type: string;
  readonly name: string;
  readonly linkName: string;
  /** As the field says, even where the type has no payload. */
  readonly size: number;
};

/** What extended headers said about the next entry. */
export type Extensions = {
  readonly paxNames: ReadonlyMap<string, string>;
  readonly longName: string;
  readonly longLink: string;
};

export const noExtensions: Extensions = { paxNames: new Map(), longName: "", longLink: "" };

export function isZeroBlock(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/** @returns undefined when the checksum or a number is not valid: the engine stops there */
export function readHeader(block: Buffer): TarHeader | undefined {
  const size = readNumber(block.subarray(124, 136));
  if (size === undefined || size < 0 || !hasRightChecksum(block)) return undefined;
  const type = String.fromCharCode(block[156] ?? 0);
  const name = withPrefix(block, readText(block, 0, 100));
  return { type: type === "\0" ? oldType(name) : type, name, linkName: readText(block, 157, 100), size };
}

/** @returns undefined when the records are broken. @see IEEE Std 1003.1, pax, "Extended Header" */
export function readPaxRecords(bytes: Buffer): ReadonlyMap<string, string> | undefined {
  const records = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const length = space < 0 ? "" : bytes.toString("latin1", at, space);
    if (!/^[1-9]\d{0,6}$/.test(length)) return undefined;
    const end = at + Number(length);
    const record = bytes.subarray(space + 1, end - 1);
    const equals = record.indexOf(0x3d);
    if (end > bytes.length || bytes[end - 1] !== 0x0a || equals < 1) return undefined;
    records.set(record.toString("utf8", 0, equals), record.toString("utf8", equals + 1));
    at = end;
  }
  return records;
}

/** Text up to the first NUL, as GNU's long names are stored. */
export function readLongText(bytes: Buffer): string {
  return readText(bytes, 0, bytes.length);
}

function oldType(name: string): string {
  return name.endsWith("/") ? "5" : "0";
}

/** Only POSIX archives split names; GNU's use the same bytes for times. */
function withPrefix(block: Buffer, name: string): string {
  const isPosix = block.toString("latin1", 257, 265) === "ustar\x0000";
  if (!isPosix) return name;
  const isStar = block.toString("latin1", 508, 512) === "tar\0";
  const prefix = readText(block, 345, isStar ? 131 : 155);
  return prefix === "" ? name : `${prefix}/${name}`;
}

function hasRightChecksum(block: Buffer): boolean {
  const expected = readNumber(block.subarray(148, 156));
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < blockBytes; at += 1) {
    const byte = at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return expected === unsigned || expected === signed;
}

/** Octal text, or base 256 when the first bit is set. */
function readNumber(field: Buffer): number | undefined {
  const first = field[0] ?? 0;
  if ((first & 0x80) !== 0) return readBinary(field);
  const text = field.toString("latin1").replaceAll(/^[ \0]+|[ \0]+$/g, "");
  if (text === "") return 0;
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

/** Negative numbers and those past 2^53 have no business in a size. */
function readBinary(field: Buffer): number | undefined {
  if (((field[0] ?? 0) & 0x40) !== 0) return undefined;
  let value = (field[0] ?? 0) & 0x3f;
  for (const byte of field.subarray(1)) value = value * 256 + byte;
  return Number.isSafeInteger(value) ? value : undefined;
}

function readText(bytes: Buffer, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? field.length : end);
}
