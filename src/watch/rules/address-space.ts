// Which part of the address space an address is of. What is no address is of none.

import { isIP } from "node:net";
import { isPrivateAddress } from "../../base/private-address.ts";

export type AddressSpace = "loopback" | "link" | "private" | "public" | "none";

export function addressSpace(address: string): AddressSpace {
  const plain = address.startsWith("::ffff:") ? address.slice(7) : address;
  if (isIP(plain) === 0) return "none";
  if (plain.startsWith("127.") || plain === "::1") return "loopback";
  if (plain.startsWith("169.254.") || /^fe[89ab]/i.test(plain)) return "link";
  return isPrivateAddress(plain) ? "private" : "public";
}
