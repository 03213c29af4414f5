// Is a registry inside the walls? Loopback, link-local, private addresses, and names without a public suffix.
// Source: RFC 6761 (localhost).

import { isIP } from "node:net";
import { isPrivateAddress } from "../../base/private-address.ts";

/** @param registry `docker.io`, `127.0.0.1:5000`, `[::1]:5000` */
export function isPrivateRegistry(registry: string): boolean {
  const host = (/^\[([^\]]*)\](?::\d+)?$/.exec(registry)?.[1] ?? registry.replace(/:\d+$/, "")).toLowerCase();
  if (isIP(host) !== 0) return isPrivateAddress(host);
  // Numbers that libc reads as addresses (127.1, 0x7f.1, 2130706433), and names that only resolve inside.
  if (/^(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+))*\.?$/.test(host)) return true;
  return !host.includes(".") || /\.(?:localhost|local|internal|lan|home|test|intranet|corp)\.?$/.test(host);
}
