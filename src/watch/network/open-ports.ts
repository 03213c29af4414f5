// The ports that a container listens on, as its kernel tells, against those that its image declares.
// Source: proc(5), /proc/net/tcp and /proc/net/udp; Dockerfile reference, EXPOSE.

import { readFileSync } from "node:fs";
import { ipv6 } from "./decode-packet.ts";

export type OpenPort = {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  /** `0.0.0.0`, `::`, or one address. */
  readonly address: string;
};

export type PortComparison = {
  readonly open: readonly (OpenPort & { readonly isDeclared: boolean })[];
  /** `80/tcp`: declared, and nobody listens. */
  readonly unused: readonly string[];
};

const listening = "0A";
const unconnected = "07";
const maxBytes = 4 * 2 ** 20;

/** @param pid of a process in the container; its view of the network is read, not its files */
export function readOpenPorts(pid: number): readonly OpenPort[] {
  const tables = [
    ["tcp", "tcp", listening],
    ["tcp", "tcp6", listening],
    ["udp", "udp", unconnected],
    ["udp", "udp6", unconnected],
  ] as const;
  const found = tables.flatMap(([protocol, name, state]) =>
    parseSockets(readTable(`/proc/${pid}/net/${name}`), protocol, state),
  );
  const unique = new Map(found.map((port) => [`${port.protocol} ${port.port} ${port.address}`, port]));
  return [...unique.values()].sort(
    (left, right) => left.port - right.port || (left.protocol < right.protocol ? -1 : 1),
  );
}

/** @param declared `80/tcp`, as an image's config has them */
export function comparePorts(open: readonly OpenPort[], declared: readonly string[]): PortComparison {
  const names = new Set(declared.map((name) => (name.includes("/") ? name : `${name}/tcp`)));
  const isReachable = ({ address }: OpenPort): boolean => !/^(?:127\.|::1$)/.test(address);
  return {
    open: open.filter(isReachable).map((port) => ({ ...port, isDeclared: names.has(`${port.port}/${port.protocol}`) })),
    unused: [...names].filter((name) => !open.some((port) => `${port.port}/${port.protocol}` === name)).sort(),
  };
}

export function parseSockets(table: string, protocol: "tcp" | "udp", state: string): readonly OpenPort[] {
  return table
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, , local = "", remote = "", found] = line.split(/\s+/);
      const [, address = "", port = ""] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local) ?? [];
      if (address === "" || found !== state || !/:0000$/.test(remote)) return [];
      return [{ protocol, port: Number.parseInt(port, 16), address: readAddress(address) }];
    });
}

/** Words of 32 bits in the host's order, which is little-endian wherever we run. */
function readAddress(hex: string): string {
  const bytes = Buffer.from(hex, "hex");
  bytes.swap32();
  if (bytes.length === 4) return bytes.join(".");
  return ipv6(bytes, 0);
}

function readTable(path: string): string {
  try {
    return readFileSync(path, "latin1").slice(0, maxBytes);
  } catch {
    return ""; // the container has ended, or the kernel has no IPv6
  }
}
