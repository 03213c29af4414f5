// Addresses inside the walls: this machine, its networks, and nowhere; also written as an IPv6 address that carries an IPv4 one.
// Source: IANA special-purpose address registries (RFC 6890); RFC 6052 (64:ff9b::/96), RFC 3056 (2002::/16), RFC 8215.

import { BlockList, isIP } from "node:net";

const ipv4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
];
const ipv6: readonly (readonly [string, number])[] = [
  ["::", 127],
  ["64:ff9b:1::", 48],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
];

const inside = listInside();

/** What is no address counts as one inside. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  if (family === 4) return inside.check(address, "ipv4");
  const carried = carriedAddress(address);
  return inside.check(address, "ipv6") || (carried !== undefined && inside.check(carried, "ipv4"));
}

function listInside(): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of ipv4) list.addSubnet(net, prefix, "ipv4");
  for (const [net, prefix] of ipv6) list.addSubnet(net, prefix, "ipv6");
  return list;
}

/** `::ffff:127.0.0.1`, `64:ff9b::7f00:1` and `2002:7f00:1::` all mean 127.0.0.1. */
function carriedAddress(address: string): string | undefined {
  const groups = expand(address);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && (groups[5] === 0xffff || groups[5] === 0);
  const isTranslated = groups[0] === 0x64 && groups[1] === 0xff9b;
  if (isMapped || isTranslated) return dotted(groups[6] ?? 0, groups[7] ?? 0);
  return groups[0] === 0x2002 ? dotted(groups[1] ?? 0, groups[2] ?? 0) : undefined;
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** The eight groups of an IPv6 address that `isIP` took. */
function expand(address: string): readonly number[] {
  const plain = address.split("%")[0] ?? "";
  const tail = /(?:^|:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(plain)?.slice(1).map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = tail ?? [];
  const text =
    tail === undefined
      ? plain
      : plain.replace(/[\d.]+$/, `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`);
  const [front = "", back] = text.split("::");
  const left = groupsOf(front);
  const right = groupsOf(back ?? "");
  const missing = back === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array.from({ length: Math.max(0, missing) }, () => 0), ...right];
}

function groupsOf(text: string): readonly number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}
