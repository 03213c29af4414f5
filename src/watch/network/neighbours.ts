// Who has which address, and whom a container is to ask for names, as the engine says: for showing, a little behind the truth.
// Source: Engine API reference, ContainerInspect (`HostConfig.Dns`, `NetworkSettings.Networks`); Docker's documentation, "DNS services".

import { readFileSync } from "node:fs";
import { fieldsAt, textsAt } from "../../base/reading.ts";
import type { EngineClient } from "../../engine/engine.ts";
import { createEngineNames } from "./engine-names.ts";

export interface Neighbours {
  /** "" for none, or not known yet. */
  containerAt(address: string): string;
  /** Undefined while it is not known. */
  resolversOf(containerId: string): readonly string[] | undefined;
  /** Resolves when they are known, or the engine did not say. */
  resolversKnown(containerId: string): Promise<void>;
  forget(containerId: string): void;
  /** Asks the engine at once. */
  refresh(): Promise<void>;
}

type AskedResolvers = {
  readonly sinceMs: number;
  readonly settled: Promise<void>;
  /** Undefined when the engine did not say; it is asked again after `freshMs`. */
  readonly found: readonly string[] | undefined;
};

const freshMs = 5_000;
const maxContainers = 4_096;
const engineResolver = "127.0.0.11";
/** What the engine gives a container whose host asks itself. */
const fallback = ["8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844"];

export function createNeighbours(engine: EngineClient, nowMs: () => number): Neighbours {
  const names = createEngineNames(engine);
  const resolvers = new Map<string, AskedResolvers>();
  let byAddress: ReadonlyMap<string, string> = new Map();
  let askedMs = Number.NEGATIVE_INFINITY;
  const refresh = async (): Promise<void> => {
    askedMs = nowMs();
    try {
      const peers = await names.peers();
      byAddress = new Map(
        peers.flatMap((peer) => [...peer.addresses.values()].flat().map((address) => [address, peer.name] as const)),
      );
    } catch {
      // The engine is away: what it said last is shown.
    }
  };
  const ask = async (containerId: string): Promise<void> => {
    const found = await engine.get(`/containers/${encodeURIComponent(containerId)}/json`).catch(() => undefined);
    const asked = resolvers.get(containerId);
    if (asked !== undefined && found !== undefined) resolvers.set(containerId, { ...asked, found: resolversIn(found) });
  };
  const learn = (containerId: string): AskedResolvers => {
    const known = resolvers.get(containerId);
    if (known !== undefined && (known.found !== undefined || nowMs() - known.sinceMs < freshMs)) return known;
    if (resolvers.size >= maxContainers) resolvers.clear();
    const { promise, resolve } = Promise.withResolvers<void>();
    const asked = { sinceMs: nowMs(), settled: promise, found: undefined };
    resolvers.set(containerId, asked);
    void ask(containerId).then(resolve);
    return asked;
  };
  return {
    containerAt(address) {
      if (nowMs() - askedMs > freshMs) void refresh();
      return byAddress.get(address) ?? "";
    },
    resolversOf: (containerId) => learn(containerId).found,
    resolversKnown: (containerId) => learn(containerId).settled,
    forget: (containerId) => void resolvers.delete(containerId),
    refresh,
  };
}

function resolversIn(container: unknown): readonly string[] {
  const given = textsAt(container, "HostConfig", "Dns");
  const networks = Object.keys(fieldsAt(container, "NetworkSettings", "Networks"));
  // The engine asks those that were given, or the host's, out of the container's own network.
  const asked = given.length > 0 ? given : hostResolvers();
  return networks.every((name) => name === "bridge") ? asked : [engineResolver, ...asked];
}

function hostResolvers(): readonly string[] {
  try {
    const lines = readFileSync("/etc/resolv.conf", "utf8").split("\n");
    const found = lines.flatMap((line) => /^nameserver\s+(\S+)/.exec(line)?.[1] ?? []);
    const outside = found.filter((address) => !/^(?:127\.|::1$)/.test(address));
    return outside.length > 0 ? outside : fallback;
  } catch {
    return fallback;
  }
}
