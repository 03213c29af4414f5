// What the engine itself knows of its networks: names of containers, their addresses, and the nets that containers live in.
// Source: Engine API reference, ContainerList (`NetworkSettings.Networks`) and NetworkList (`IPAM.Config`).

import { isIP } from "node:net";
import { fieldAt, fieldsAt, isFields, listAt, textAt, textsAt } from "../../base/reading.ts";
import type { EngineClient } from "../../engine/engine.ts";
import type { Net } from "./never-by-name.ts";

export type EnginePeer = {
  readonly id: string;
  readonly name: string;
  /** Its name, its service's name, its aliases: each only in networks that both are in. */
  readonly names: readonly string[];
  /** By network. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
};

export interface EngineNames {
  /** All containers that run. */
  peers(): Promise<readonly EnginePeer[]>;
  /** Addresses of that name in the networks of this container. @throws Error when the engine does not answer */
  addressesFor(containerId: string, name: string): Promise<readonly string[]>;
  /** Nets of containers, with the bits of their prefix. */
  nets(): Promise<readonly Net[]>;
}

/** On the default bridge the engine answers for nobody. */
const withoutNames: ReadonlySet<string> = new Set(["bridge", "host", "none"]);
const serviceLabel = "com.docker.compose.service";

export function createEngineNames(engine: EngineClient): EngineNames {
  const peers = async (): Promise<readonly EnginePeer[]> => {
    const containers = await engine.get("/containers/json");
    return listAt({ containers }, "containers").map(toPeer);
  };
  return {
    peers,
    async addressesFor(containerId, name) {
      const [found, all] = await Promise.all([
        engine.get(`/containers/${encodeURIComponent(containerId)}/json`),
        peers(),
      ]);
      const own = Object.keys(fieldsAt(found, "NetworkSettings", "Networks"));
      const shared = own.filter((network) => !withoutNames.has(network));
      const named = all.filter((peer) => peer.names.includes(name) && peer.id !== containerId);
      return named.flatMap((peer) => shared.flatMap((network) => peer.addresses.get(network) ?? []));
    },
    async nets() {
      const networks = await engine.get("/networks");
      return listAt({ networks }, "networks").flatMap((network) =>
        listAt(network, "IPAM", "Config").flatMap((config) => {
          const [net = "", bits = ""] = textAt(config, "Subnet").split("/");
          return isIP(net) !== 0 && /^\d{1,3}$/.test(bits) ? [[net, Number(bits)] as const] : [];
        }),
      );
    },
  };
}

function toPeer(container: unknown): EnginePeer {
  const networks = Object.entries(fieldsAt(container, "NetworkSettings", "Networks"));
  const names = textsAt(container, "Names").map((each) => each.replace(/^\//, ""));
  const aliases = networks.flatMap(([, network]) => (isFields(network) ? textsAt(network, "Aliases") : []));
  const service = fieldAt(container, "Labels", serviceLabel);
  return {
    id: textAt(container, "Id"),
    name: names.find((each) => !each.includes("/")) ?? "",
    names: [...new Set([...names, ...aliases, ...(typeof service === "string" ? [service] : [])])],
    addresses: new Map(
      networks.map(([network, found]) => [
        network,
        [textAt(found, "IPAddress"), textAt(found, "GlobalIPv6Address")].filter((address) => address !== ""),
      ]),
    ),
  };
}
