// Addresses in the kernel's bytes, as people write them. Source: RFC 5952; an IPv4 address inside an IPv6 one (RFC 4291,
// 2.5.5.2) is written as IPv4, since that is where the packets go.

const AF_INET = 2;
const AF_INET6 = 10;
/** Two empty bytes and two full ones, as a little-endian word. */
const mappedPrefix = 0xffff_0000;

/** @returns "" for a family that has no such address */
export function formatAddress(bytes: Buffer, words: Uint32Array, offset: number, family: number): string {
  if (family === AF_INET) return formatIpv4(bytes, offset);
  const first = offset >>> 2;
  if (family === AF_INET6 && words[first] === 0 && words[first + 1] === 0 && words[first + 2] === mappedPrefix) {
    return formatIpv4(bytes, offset + 12);
  }
  return family === AF_INET6 ? formatIpv6(bytes, offset) : "";
}

function formatIpv4(bytes: Buffer, offset: number): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}

function formatIpv6(bytes: Buffer, offset: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(offset + 2 * index));
  const run = longestZeros(groups);
  if (run.length < 2) return groups.map(hex).join(":");
  const before = groups.slice(0, run.start).map(hex).join(":");
  return `${before}::${groups
    .slice(run.start + run.length)
    .map(hex)
    .join(":")}`;
}

function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}

function hex(group: number): string {
  return group.toString(16);
}
