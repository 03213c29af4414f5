// What names stood for at any time, as long as their container is known: connections outlive the addresses of a name.

import type { NetworkPermit } from "../../model/watch.ts";
import { fits, type NamePermit } from "./name-users.ts";

export type Resolved = NetworkPermit & { readonly name: string };

export interface NameHistory {
  add(containerId: string, resolved: readonly Resolved[]): void;
  /** @returns what names that are in this list stood for, with ports that it has for them */
  of(containerId: string, permits: readonly NamePermit[]): readonly NetworkPermit[];
  forget(containerId: string): void;
}

/** Of one container; those that were not heard of longest are forgotten. */
const most = 8_192;

export function createNameHistory(): NameHistory {
  const containers = new Map<string, Map<string, Resolved>>();
  return {
    add(containerId, resolved) {
      const known = containers.get(containerId) ?? new Map<string, Resolved>();
      containers.set(containerId, known);
      for (const permit of resolved) {
        const key = `${permit.to} ${permit.port} ${permit.name}`;
        known.delete(key);
        known.set(key, permit);
      }
      for (const key of known.keys()) {
        if (known.size <= most) break;
        known.delete(key);
      }
    },
    of(containerId, permits) {
      const known = [...(containers.get(containerId)?.values() ?? [])];
      return known.filter(({ name, port }) => permits.some((permit) => permit.port === port && fits(name, permit)));
    },
    forget: (containerId) => void containers.delete(containerId),
  };
}
