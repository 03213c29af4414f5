// Where a container may connect to -> entries of the kernel's tree of prefixes, of which the longest that fits decides alone:
// so each entry carries the ports of all wider ones too. An entry without ports is a wall: what is wider ends there.

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

/**
 * Names of hosts are left out: what they stand for is put beside them as addresses (network/named-permits.ts).
 * @throws PlimsollError MALFORMED_INPUT, LIMIT_EXCEEDED
 */
export function compilePermits(permits: readonly NetworkPermit[]): readonly PermitEntry[] {
  const written = new Map<string, PermitEntry>();
  for (const permit of permits) {
    const entry = parse(permit);
    if (entry === undefined) continue;
    const known = written.get(keyOf(entry));
    written.set(keyOf(entry), known === undefined ? entry : { ...entry, ports: unite([known, entry]) });
  }
  if (written.size > mostEntries) throw limitExceeded("a list of permits", `more than ${mostEntries} addresses`);
  const lengths = [...new Set([...written.values()].map(({ prefix }) => prefix))].sort((one, other) => one - other);
  const around = (entry: PermitEntry, from: number): readonly PermitEntry[] =>
    lengths
      .filter((prefix) => prefix >= from && prefix <= entry.prefix)
      .flatMap((prefix) => written.get(keyOf({ prefix, address: masked(entry.address, prefix) })) ?? []);
  const walls = carriers.filter((wall) => !written.has(keyOf(wall)) && around(wall, 0).length > 0);
  const entries = [...written.values()].map((entry) => ({ ...entry, ports: unite(around(entry, wallOf(entry))) }));
  return [...entries, ...walls];
}

/**
 * IPv6 addresses that are a way to an IPv4 one: who may go to `[::]/0` may not go to any of those by that. Behind each of these
 * walls only what is written for it counts. Source: RFC 4291, 2.5.5.2; RFC 6052; RFC 8215; RFC 7915; RFC 3056; RFC 4380.
 */
const carriers: readonly PermitEntry[] = (
  [
    ["::ffff:0:0", 96],
    ["64:ff9b::", 96],
    ["64:ff9b:1::", 48],
    ["::ffff:0:0:0", 96],
    ["2002::", 16],
    ["2001::", 32],
  ] as const
).map(([address, prefix]) => ({ address: ipv6(address), prefix, ports: [] }));

/** The shortest prefix that still speaks of this address and not of IPv6 at large. */
function wallOf(entry: Pick<PermitEntry, "address" | "prefix">): number {
  const within = carriers.find(
    ({ address, prefix }) => prefix <= entry.prefix && masked(entry.address, prefix).equals(address),
  );
  return within?.prefix ?? 0;
}

function keyOf({ address, prefix }: Pick<PermitEntry, "address" | "prefix">): string {
  return `${address.toString("hex")}/${prefix}`;
}

/** `struct permit_key` without its place. */
export function permitKey(place: number, entry: Pick<PermitEntry, "address" | "prefix">): Buffer {
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

/** @param value of the map; undefined where no prefix fits */
export function hasPort(value: Buffer | undefined, port: number): boolean {
  const count = value?.readUInt16LE(0) ?? 0;
  if (value === undefined || count === anyPort) return count === anyPort;
  return Array.from({ length: Math.min(count, mostPorts) }, (_, place) => value.readUInt16LE(2 + 2 * place)).includes(
    port,
  );
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

function unite(entries: readonly PermitEntry[]): PermitEntry["ports"] {
  if (entries.some(({ ports }) => ports === "any")) return "any";
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
