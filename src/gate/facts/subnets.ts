// A network's addresses become a route of the host: whoever may choose them freely gets the host's traffic to them.

import { BlockList, isIP } from "node:net";

type Subnet = { readonly address: string; readonly bits: number; readonly family: "ipv4" | "ipv6" };

/** For private use. Source: RFC 1918; RFC 4193. */
const forNetworks: readonly Subnet[] = [
  { address: "10.0.0.0", bits: 8, family: "ipv4" },
  { address: "172.16.0.0", bits: 12, family: "ipv4" },
  { address: "192.168.0.0", bits: 16, family: "ipv4" },
  { address: "fc00::", bits: 7, family: "ipv6" },
];

/**
 * True for addresses of the public Internet, for those of the host's own networks, and for what is no subnet.
 * @param chosen `172.28.0.0/16`
 * @param hostSubnets addresses of the host's interfaces, `192.168.1.7/24`
 */
export function takesHostAddresses(chosen: string, hostSubnets: readonly string[]): boolean {
  const subnet = readSubnet(chosen);
  if (subnet === undefined || !forNetworks.some((range) => holds(range, subnet))) return true;
  return hostSubnets.map(readSubnet).some((host) => host !== undefined && (holds(host, subnet) || holds(subnet, host)));
}

function readSubnet(text: string): Subnet | undefined {
  const [, address = "", digits = ""] = /^([^/%]+)\/(\d{1,3})$/.exec(text) ?? [];
  const kind = isIP(address);
  const bits = Number(digits);
  if (kind === 0 || bits > (kind === 4 ? 32 : 128)) return undefined;
  return { address, bits, family: kind === 4 ? "ipv4" : "ipv6" };
}

function holds(outer: Subnet, inner: Subnet): boolean {
  if (outer.family !== inner.family || outer.bits > inner.bits) return false;
  const block = new BlockList();
  block.addSubnet(outer.address, outer.bits, outer.family);
  return block.check(inner.address, inner.family);
}
