// Where a container may connect to -> entries of the kernel's tree of prefixes, of which the longest that fits decides alone:
// so each entry carries the ports of all wider ones too.

import { isIP } from "node:net";
import { limitExceeded, malformed } from "../../base/errors.ts";
import type { NetworkPermit } from "../../model/watch.ts";

export type PermitEntry = {
  /** 16 bytes; IPv4 inside IPv6. */
  readonly address: Buffer;
  /** In bits of the 128. */
  readonly prefix: number;
  readonly ports: readonly number[] | "any";
};

/** `MOST_PORTS` in probes/network.bpf.c. */
const mostPorts = 15;
const mostEntries = 4096;
const anyPort = 0xffff;
/** Bytes of `struct permit`. */
export const permitBytes = 32;

/** Names of hosts are left out: they match nothing until somebody says what they stand for. */
export function compilePermits(permits: readonly NetworkPermit[]): readonly PermitEntry[] {
  const parsed = permits.flatMap((permit) => parse(permit) ?? []);
  const byPrefix = new Map<string, PermitEntry>();
  for (const entry of parsed) {
    const wider = parsed.filter((other) => covers(other, entry));
    const ports = wider.some((other) => other.ports === "any") ? "any" : unite(wider);
    byPrefix.set(`${entry.address.toString("hex")}/${entry.prefix}`, { ...entry, ports });
  }
  if (byPrefix.size > mostEntries) throw limitExceeded("a list of permits", `more than ${mostEntries} addresses`);
  return [...byPrefix.values()];
}

/** `struct permit_key` without its place. */
export function permitKey(place: number, entry: PermitEntry): Buffer {
  const key = Buffer.alloc(24);
  key.writeUInt32LE(32 + entry.prefix, 0);
  key.writeUInt32LE(place, 4);
  entry.address.copy(key, 8);
  return key;
}

export function permitValue(entry: PermitEntry): Buffer {
  const value = Buffer.alloc(permitBytes);
  value.writeUInt16LE(entry.ports === "any" ? anyPort : entry.ports.length, 0);
  if (entry.ports !== "any")
    for (const [place, port] of entry.ports.entries()) value.writeUInt16LE(port, 2 + 2 * place);
  return value;
}

function parse(permit: NetworkPermit): PermitEntry | undefined {
  const [address = "", bits] = permit.to.split("/");
  const family = isIP(address);
  if (family === 0) {
    if (bits !== undefined)
      throw malformed("a permit", `expected an address with a prefix, found ${JSON.stringify(permit.to)}`);
    return undefined;
  }
  const most = family === 4 ? 32 : 128;
  const length = bits === undefined ? most : Number(bits);
  if (!/^\d{1,3}$/.test(bits ?? "0") || length > most) {
    throw malformed("a permit", `expected a prefix of 0 to ${most} bits, found ${JSON.stringify(permit.to)}`);
  }
  if (!Number.isInteger(permit.port) || permit.port < 0 || permit.port > 65_535) {
    throw malformed("a permit", `expected a port of 0 to 65535, found ${permit.port}`);
  }
  const prefix = family === 4 ? 96 + length : length;
  return {
    address: masked(family === 4 ? ipv4(address) : ipv6(address), prefix),
    prefix,
    ports: permit.port === 0 ? "any" : [permit.port],
  };
}

function covers(wide: PermitEntry, narrow: PermitEntry): boolean {
  return wide.prefix <= narrow.prefix && masked(narrow.address, wide.prefix).equals(wide.address);
}

function unite(entries: readonly PermitEntry[]): readonly number[] {
  const ports = new Set(entries.flatMap((entry) => (entry.ports === "any" ? [] : entry.ports)));
  if (ports.size > mostPorts) throw limitExceeded("a list of permits", `more than ${mostPorts} ports for one address`);
  return [...ports].sort((a, b) => a - b);
}

function masked(address: Buffer, prefix: number): Buffer {
  return Buffer.from(
    address.map((byte, place) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - 8 * place))) & 0xff),
  );
}

function ipv4(text: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16BE(0xffff, 10);
  for (const [place, part] of text.split(".").entries()) bytes.writeUInt8(Number(part), 12 + place);
  return bytes;
}

function ipv6(text: string): Buffer {
  const [plain = ""] = text.split("%");
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  const words =
    dotted === null
      ? plain
      : `${dotted[1]}${ipv4(dotted[2] ?? "").toString("hex", 12, 14)}:${ipv4(dotted[2] ?? "").toString("hex", 14)}`;
  const [before = "", after] = words.split("::");
  const left = before === "" ? [] : before.split(":");
  const right = after === undefined || after === "" ? [] : after.split(":");
  const bytes = Buffer.alloc(16);
  for (const [place, group] of left.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * place);
  for (const [place, group] of right.entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), 16 - 2 * right.length + 2 * place);
  return bytes;
}
