// What each container did last, for evidence: a few hundred events each, of no more containers than fit in memory.

import type { KernelEvent } from "../model/watch.ts";

export interface LastEvents {
  add(containerId: string, event: KernelEvent): void;
  /** Oldest first. */
  of(containerId: string): readonly KernelEvent[];
  forget(containerId: string): void;
}

const keptEach = 256;
const maxContainers = 512;

type Kept = { readonly events: KernelEvent[]; next: number };

export function createLastEvents(): LastEvents {
  const kept = new Map<string, Kept>();
  return {
    add(containerId, event) {
      const own = kept.get(containerId) ?? begin(kept, containerId);
      own.events[own.next % keptEach] = event;
      own.next++;
    },
    of(containerId) {
      const own = kept.get(containerId);
      if (own === undefined) return [];
      const start = own.next % keptEach;
      return own.next <= keptEach ? [...own.events] : [...own.events.slice(start), ...own.events.slice(0, start)];
    },
    forget: (containerId) => void kept.delete(containerId),
  };
}

function begin(kept: Map<string, Kept>, containerId: string): Kept {
  const [oldest] = kept.size >= maxContainers ? kept.keys() : [];
  if (oldest !== undefined) kept.delete(oldest);
  const own: Kept = { events: [], next: 0 };
  kept.set(containerId, own);
  return own;
}
