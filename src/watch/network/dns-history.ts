// Which names a container asked for, and which address it was told for which. For showing and for counting only: whoever
// answers port 53 may say anything, so nothing is permitted by it.

export type HeardName = {
  readonly name: string;
  /** Who said so. */
  readonly server: string;
};

export interface DnsHistory {
  asked(containerId: string, name: string, timeMs: number): void;
  wasAsked(containerId: string, name: string): boolean;
  answered(containerId: string, address: string, heard: HeardName): void;
  nameOf(containerId: string, address: string): HeardName | undefined;
  /** How many different names below the same domain were asked for within a minute. */
  namesBelow(containerId: string, name: string): number;
  sweep(nowMs: number): void;
}

type Container = {
  readonly names: Map<string, HeardName>;
  /** Name -> when. */
  readonly asked: Map<string, number>;
  /** Domain -> names below it. */
  readonly below: Map<string, Set<string>>;
  lastMs: number;
};

const maxContainers = 1_024;
const maxNames = 1_024;
const minuteMs = 60_000;

export function createDnsHistory(): DnsHistory {
  const containers = new Map<string, Container>();
  const of = (containerId: string): Container => {
    const known = containers.get(containerId);
    if (known !== undefined) return known;
    makeRoom(containers, maxContainers);
    const made: Container = { names: new Map(), asked: new Map(), below: new Map(), lastMs: 0 };
    containers.set(containerId, made);
    return made;
  };
  return {
    asked(containerId, name, timeMs) {
      const container = of(containerId);
      container.lastMs = timeMs;
      container.asked.delete(name);
      makeRoom(container.asked, maxNames);
      container.asked.set(name, timeMs);
      const domain = domainOf(name);
      const names = container.below.get(domain) ?? new Set();
      if (!container.below.has(domain)) makeRoom(container.below, maxNames);
      if (names.size < maxNames) names.add(name);
      container.below.set(domain, names);
    },
    wasAsked: (containerId, name) => containers.get(containerId)?.asked.has(name) === true,
    answered(containerId, address, heard) {
      const { names } = of(containerId);
      names.delete(address);
      makeRoom(names, maxNames);
      names.set(address, heard);
    },
    nameOf: (containerId, address) => containers.get(containerId)?.names.get(address),
    namesBelow: (containerId, name) =>
      name === "" ? 0 : (containers.get(containerId)?.below.get(domainOf(name))?.size ?? 0),
    sweep(nowMs) {
      for (const { below, asked } of containers.values()) {
        for (const [name, timeMs] of asked) {
          if (nowMs - timeMs < minuteMs) continue;
          asked.delete(name);
          const names = below.get(domainOf(name));
          names?.delete(name);
          if (names?.size === 0) below.delete(domainOf(name));
        }
      }
    },
  };
}

/** Its last two labels: near enough to who owns it, for counting. */
export function domainOf(name: string): string {
  return name.split(".").slice(-2).join(".");
}

function makeRoom(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.size >= most ? map.keys() : [];
  if (oldest !== undefined) map.delete(oldest);
}
