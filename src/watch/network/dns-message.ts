// A DNS message -> what was asked and which addresses the name has. Names come from anybody, so every loop has an end.
// Source: RFC 1035, section 4; RFC 3596 (AAAA); RFC 9460 is not followed.

import { ipv4, ipv6 } from "./decode-packet.ts";

export type DnsMessage = {
  readonly isAnswer: boolean;
  /** Lower case, without the dot at the end; bytes that are no letter, digit, `-`, `_` or `.` as `?`. "" when nothing is asked. */
  readonly name: string;
  /** `A`, `AAAA`, `CNAME`, `TYPE65`. */
  readonly type: string;
  /** NXDOMAIN is 3. */
  readonly code: number;
  readonly addresses: readonly string[];
};

const typeNames: Readonly<Record<number, string>> = {
  ...{
    1: "A",
    2: "NS",
    5: "CNAME",
    6: "SOA",
    12: "PTR",
    15: "MX",
    16: "TXT",
    28: "AAAA",
    33: "SRV",
    65: "HTTPS",
    255: "ANY",
  },
};
const maxRecords = 256;
const maxPointers = 32;
const maxNameBytes = 255;

/** @returns undefined when it is no DNS message of one question */
export function decodeDns(bytes: Uint8Array): DnsMessage | undefined {
  if (bytes.length < 12 || short(bytes, 4) !== 1) return undefined;
  const question = readName(bytes, 12);
  if (question === undefined || question.end + 4 > bytes.length) return undefined;
  const isAnswer = ((bytes[2] ?? 0) & 0x80) !== 0;
  const type = short(bytes, question.end);
  return {
    isAnswer,
    name: question.name,
    type: typeNames[type] ?? `TYPE${type}`,
    code: (bytes[3] ?? 0) & 15,
    addresses: isAnswer ? readAddresses(bytes, question.end + 4, short(bytes, 6)) : [],
  };
}

function readAddresses(bytes: Uint8Array, from: number, count: number): readonly string[] {
  const addresses: string[] = [];
  let at = from;
  for (let record = 0; record < Math.min(count, maxRecords); record++) {
    const name = readName(bytes, at);
    if (name === undefined || name.end + 10 > bytes.length) return addresses;
    const type = short(bytes, name.end);
    const length = short(bytes, name.end + 8);
    const data = name.end + 10;
    if (data + length > bytes.length) return addresses;
    if (type === 1 && length === 4) addresses.push(ipv4(bytes, data));
    if (type === 28 && length === 16) addresses.push(ipv6(bytes, data));
    at = data + length;
  }
  return addresses;
}

type Name = { readonly name: string; readonly end: number };

/** Pointers must go back, so that they come to an end. */
function readName(bytes: Uint8Array, from: number): Name | undefined {
  const labels: string[] = [];
  let at = from;
  let end = -1;
  let lowest = from;
  let used = 0;
  for (let pointers = 0; pointers <= maxPointers; ) {
    const length = bytes[at];
    if (length === undefined) return undefined;
    if (length === 0) return { name: labels.join("."), end: end < 0 ? at + 1 : end };
    if (length >= 0xc0) {
      const target = (length & 0x3f) * 256 + (bytes[at + 1] ?? 0);
      if (end < 0) end = at + 2;
      if (at + 1 >= bytes.length || target >= lowest) return undefined;
      lowest = target;
      at = target;
      pointers++;
      continue;
    }
    used += length + 1;
    if (length > 63 || used > maxNameBytes || at + 1 + length > bytes.length) return undefined;
    labels.push(readLabel(bytes, at + 1, length));
    at += 1 + length;
  }
  return undefined;
}

function readLabel(bytes: Uint8Array, from: number, length: number): string {
  let label = "";
  for (const byte of bytes.subarray(from, from + length)) {
    const character = String.fromCharCode(byte).toLowerCase();
    label += /^[a-z0-9_-]$/.test(character) ? character : "?";
  }
  return label;
}

function short(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}
