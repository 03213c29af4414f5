// Addresses that no name leads to: whoever answers for a name decides what it stands for, and may say 127.0.0.1, the metadata
// address or this host (DNS rebinding). Who may go there has it in the list as an address.
// Source: IANA special-purpose address registries (RFC 6890); what carries an IPv4 address: RFC 4291, 6052, 8215, 7915, 3056, 4380.

import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";

const never: readonly Net[] = [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["100.100.100.200", 32],
  ["224.0.0.0", 3],
  ["::", 96],
  ["::ffff:0:0", 96],
  ["::ffff:0:0:0", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["2001::", 32],
  ["2002::", 16],
  ["fd00:ec2::254", 128],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
];

/** @param hostAddresses every address of this host, those of its bridges too @returns whether a name may lead there */
export function mayNameLeadTo(address: string, hostAddresses: readonly string[]): boolean {
  return isIP(address) !== 0 && !hostAddresses.includes(address) && !isWithin(address, never);
}

export function hostAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address));
}

export type Net = readonly [address: string, prefix: number];

/** Each family by itself: for the library, `::ffff:0:0/96` is every IPv4 address there is. */
export function isWithin(address: string, nets: readonly Net[]): boolean {
  const family = isIP(address);
  const list = new BlockList();
  const type = family === 4 ? "ipv4" : "ipv6";
  for (const [net, prefix] of nets) if (isIP(net) === family) list.addSubnet(net, prefix, type);
  return list.check(address, type);
}
