// Extended headers: what they say about the next entry.
// Source: IEEE Std 1003.1, pax, "pax Extended Header"; go/src/archive/tar/{reader,strconv}.go, parsePAX and mergePAX.

import { decodeName } from "./name.ts";

export type PaxRecords = {
  readonly values: ReadonlyMap<string, Buffer>;
  /** A key stood more than once; the last one counts. */
  readonly hasDuplicates: boolean;
};

const textKeys: ReadonlySet<string> = new Set(["path", "linkpath", "uname", "gname"]);
const xattrPrefix = "SCHILY.xattr.";

/** @returns undefined when Go refuses the records */
export function readPaxRecords(bytes: Buffer): PaxRecords | undefined {
  const values = new Map<string, Buffer>();
  let hasDuplicates = false;
  for (let at = 0; at < bytes.length; ) {
    const record = readRecord(bytes, at);
    if (record === undefined) return undefined;
    hasDuplicates ||= values.has(record.key);
    values.set(record.key, record.value);
    at = record.end;
  }
  return { values, hasDuplicates };
}

/** @returns undefined for an absent or empty value, which leaves the header's own */
export function paxText(records: PaxRecords | undefined, key: string): string | undefined {
  const value = records?.values.get(key);
  return value === undefined || value.length === 0 ? undefined : decodeName(value);
}

/** @returns NaN for what is no decimal number */
export function paxInteger(records: PaxRecords | undefined, key: string): number | undefined {
  const text = paxText(records, key);
  if (text === undefined) return undefined;
  return /^[+-]?\d{1,19}$/.test(text) ? Number(text) : Number.NaN;
}

/** Whole seconds. @returns NaN for what is no decimal number */
export function paxTime(records: PaxRecords | undefined, key: string): number | undefined {
  const text = paxText(records, key);
  if (text === undefined) return undefined;
  return /^[+-]?\d{1,19}(?:\.\d*)?$/.test(text) ? Math.floor(Number(text)) : Number.NaN;
}

/** Extended attributes, values as latin1 text. */
export function paxXattrs(records: PaxRecords): Readonly<Record<string, string>> {
  const xattrs: Record<string, string> = Object.create(null);
  for (const [key, value] of records.values) {
    if (key.startsWith(xattrPrefix) && value.length > 0)
      xattrs[key.slice(xattrPrefix.length)] = value.toString("latin1");
  }
  return xattrs;
}

/** What GNU tar's sparse files say in extended headers. */
export function isSparse(records: PaxRecords | undefined): boolean {
  if (records === undefined) return false;
  return [...records.values.keys()].some((key) => key.startsWith("GNU.sparse."));
}

/** The name that Go gives a sparse file; undefined when the versions named are not among those it knows. */
export function sparseName(records: PaxRecords | undefined): string | undefined {
  const version = `${paxText(records, "GNU.sparse.major") ?? ""}.${paxText(records, "GNU.sparse.minor") ?? ""}`;
  const hasMap = ["GNU.sparse.map", "GNU.sparse.offset"].some((key) => records?.values.has(key));
  const isKnown = ["0.0", "0.1", "1.0"].includes(version) || (version === "." && hasMap);
  return isKnown ? paxText(records, "GNU.sparse.name") : undefined;
}

type PaxRecord = { readonly key: string; readonly value: Buffer; readonly end: number };

/** `LENGTH KEY=VALUE\n`; the length counts itself. */
function readRecord(bytes: Buffer, at: number): PaxRecord | undefined {
  const space = bytes.indexOf(0x20, at);
  const length = space < 0 || space - at > 8 ? "" : bytes.toString("latin1", at, space);
  if (!/^[1-9]\d*$/.test(length)) return undefined;
  const end = at + Number(length);
  if (end > bytes.length || end - 1 <= space || bytes[end - 1] !== 0x0a) return undefined;
  const equals = bytes.indexOf(0x3d, space + 1);
  if (equals < space + 2 || equals >= end - 1) return undefined;
  const key = decodeName(bytes, space + 1, equals);
  const value = bytes.subarray(equals + 1, end - 1);
  const isRefused = textKeys.has(key) ? value.includes(0) : key.includes("\0");
  return isRefused ? undefined : { key, value, end };
}
