// The networks that the host itself is in. Bridges of engines are left out: an engine keeps its own networks apart.

import { networkInterfaces } from "node:os";

const ofEngines = /^(?:docker\d|docker_gwbridge|br-[0-9a-f]{12}$|veth|podman\d|cni-podman)/;

/** `192.168.1.7/24` for every address of the host but those of loopback. */
export function hostSubnets(): readonly string[] {
  const interfaces = Object.entries(networkInterfaces()).filter(([name]) => !ofEngines.test(name));
  const addresses = interfaces.flatMap(([, found]) => found ?? []);
  return addresses.flatMap(({ cidr, internal }) => (internal || cidr === null ? [] : [cidr]));
}
