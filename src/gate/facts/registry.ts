// Is a registry inside the walls? Loopback, link-local, private addresses, and names without a public suffix.
// Source: RFC 6890 special-purpose registries; RFC 6761 (localhost).

import { BlockList, isIP } from "node:net";

const inside = new BlockList();
for (const [network, bits] of [
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
] as const) {
  inside.addSubnet(network, bits, "ipv4");
}
for (const [network, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const) {
  inside.addSubnet(network, bits, "ipv6");
}

/** @param registry `docker.io`, `127.0.0.1:5000`, `[::1]:5000` */
export function isPrivateRegistry(registry: string): boolean {
  const host = (/^\[([^\]]*)\](?::\d+)?$/.exec(registry)?.[1] ?? registry.replace(/:\d+$/, "")).toLowerCase();
  const kind = isIP(host);
  if (kind === 4) return inside.check(host, "ipv4");
  if (kind === 6) return inside.check(host, "ipv6");
  // Numbers that libc reads as addresses (127.1, 0x7f.1, 2130706433), and names that only resolve inside.
  if (/^(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+))*\.?$/.test(host)) return true;
  return !host.includes(".") || /\.(?:localhost|local|internal|lan|home|test|intranet|corp)\.?$/.test(host);
}
