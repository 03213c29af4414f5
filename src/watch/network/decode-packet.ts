// The headers of a frame: who sends how much to whom. Strict about lengths, silent about what it does not know.
// Source: IEEE 802.3 and 802.1Q; RFC 791 (IPv4), RFC 8200 (IPv6), RFC 9293 (TCP), RFC 768 (UDP).

export type TransportProtocol = "tcp" | "udp";

export type Packet = {
  readonly protocol: TransportProtocol;
  /** `10.1.2.3`, or an IPv6 address in its canonical form. */
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  /** TCP's sequence number; 0 for UDP. */
  readonly sequence: number;
  readonly flags: number;
  /** What the packet carries for the program; a view into the frame. */
  readonly payload: Uint8Array;
};

export const tcpFlags = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

const ethernetBytes = 14;
const typeIpv4 = 0x0800;
const typeIpv6 = 0x86dd;
const typeVlan = 0x8100;
const typeServiceVlan = 0x88a8;
const TCP = 6;
const UDP = 17;
/** IPv6 headers that stand before the payload's: hop-by-hop, routing, destination options. Fragments are not followed. */
const extensions: ReadonlySet<number> = new Set([0, 43, 60]);
const maxExtensions = 8;

/** @returns undefined for what is no TCP or UDP, is cut, or is a later fragment */
export function decodePacket(frame: Uint8Array): Packet | undefined {
  let type = short(frame, 12);
  let at = ethernetBytes;
  for (let tags = 0; tags < 2 && (type === typeVlan || type === typeServiceVlan); tags++) {
    type = short(frame, at + 2);
    at += 4;
  }
  if (type === typeIpv4) return decodeIpv4(frame.subarray(at));
  return type === typeIpv6 ? decodeIpv6(frame.subarray(at)) : undefined;
}

function decodeIpv4(bytes: Uint8Array): Packet | undefined {
  if (bytes.length < 20 || (bytes[0] ?? 0) >> 4 !== 4) return undefined;
  const headerBytes = ((bytes[0] ?? 0) & 15) * 4;
  const total = short(bytes, 2);
  if (headerBytes < 20 || total < headerBytes || total > bytes.length) return undefined;
  if ((short(bytes, 6) & 0x1fff) !== 0) return undefined; // a later fragment has no ports
  const addresses = { source: ipv4(bytes, 12), destination: ipv4(bytes, 16) };
  return decodeTransport(bytes[9] ?? 0, bytes.subarray(headerBytes, total), addresses);
}

function decodeIpv6(bytes: Uint8Array): Packet | undefined {
  const total = 40 + short(bytes, 4);
  if (bytes.length < 40 || (bytes[0] ?? 0) >> 4 !== 6 || total > bytes.length) return undefined;
  const addresses = { source: ipv6(bytes, 8), destination: ipv6(bytes, 24) };
  let next = bytes[6] ?? 0;
  let at = 40;
  for (let count = 0; count < maxExtensions && extensions.has(next); count++) {
    if (at + 8 > total) return undefined;
    next = bytes[at] ?? 0;
    at += 8 + 8 * (bytes[at + 1] ?? 0);
  }
  return at > total ? undefined : decodeTransport(next, bytes.subarray(at, total), addresses);
}

type Addresses = { readonly source: string; readonly destination: string };

function decodeTransport(protocol: number, bytes: Uint8Array, addresses: Addresses): Packet | undefined {
  if (protocol === UDP) return decodeUdp(bytes, addresses);
  return protocol === TCP ? decodeTcp(bytes, addresses) : undefined;
}

function decodeTcp(bytes: Uint8Array, addresses: Addresses): Packet | undefined {
  const headerBytes = ((bytes[12] ?? 0) >> 4) * 4;
  if (bytes.length < 20 || headerBytes < 20 || headerBytes > bytes.length) return undefined;
  return {
    protocol: "tcp",
    ...addresses,
    sourcePort: short(bytes, 0),
    destinationPort: short(bytes, 2),
    sequence: short(bytes, 4) * 0x1_0000 + short(bytes, 6),
    flags: bytes[13] ?? 0,
    payload: bytes.subarray(headerBytes),
  };
}

function decodeUdp(bytes: Uint8Array, addresses: Addresses): Packet | undefined {
  const total = short(bytes, 4);
  if (bytes.length < 8 || total < 8 || total > bytes.length) return undefined;
  return {
    protocol: "udp",
    ...addresses,
    sourcePort: short(bytes, 0),
    destinationPort: short(bytes, 2),
    sequence: 0,
    flags: 0,
    payload: bytes.subarray(8, total),
  };
}

function short(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}

export function ipv4(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/** RFC 5952: lower case, the longest run of zeros as `::`. */
export function ipv6(bytes: Uint8Array, at: number): string {
  const groups = Array.from({ length: 8 }, (_, group) => short(bytes, at + 2 * group));
  let best = { from: -1, length: 1 };
  for (let from = 0; from < 8; from++) {
    let length = 0;
    while (from + length < 8 && groups[from + length] === 0) length++;
    if (length > best.length) best = { from, length };
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  if (best.from < 0) return text(groups);
  return `${text(groups.slice(0, best.from))}::${text(groups.slice(best.from + best.length))}`;
}
