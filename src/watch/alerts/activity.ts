// What each container does, in numbers: for `plimsoll watch top` and for metrics.

import type { KernelEvent, KernelEventKind, WatchedContainer } from "../../model/watch.ts";

export type Activity = {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** Events since it was first seen. */
  readonly events: number;
  readonly processes: number;
  readonly files: number;
  readonly connections: number;
  readonly other: number;
  readonly alerts: number;
};

export interface ActivityBook {
  count(event: KernelEvent, container: WatchedContainer | undefined): void;
  countAlert(container: WatchedContainer | undefined): void;
  /** Busiest first. */
  list(): readonly Activity[];
}

type Counted = {
  container: WatchedContainer;
  processes: number;
  files: number;
  connections: number;
  other: number;
  alerts: number;
};
type Group = "processes" | "files" | "connections" | "other";

const groups: Partial<Readonly<Record<KernelEventKind, Group>>> = {
  ...{ exec: "processes", fork: "processes", exit: "processes" },
  ...{ open: "files", create: "files", chmod: "files", rename: "files", link: "files", unlink: "files" },
  ...{ "map-executable": "files", socket: "connections", connect: "connections", bind: "connections" },
  ...{ listen: "connections", send: "connections", flow: "connections", "flow-ended": "connections" },
};

/** More containers than any host runs; the one that was silent longest is let go. */
const maxContainers = 4096;

export function createActivityBook(): ActivityBook {
  const books = new Map<string, Counted>();
  const bookOf = (container: WatchedContainer): Counted => {
    const known = books.get(container.id);
    if (known !== undefined) {
      known.container = container;
      return known;
    }
    const [oldest] = books.size >= maxContainers ? books.keys() : [];
    if (oldest !== undefined) books.delete(oldest);
    const made = { container, processes: 0, files: 0, connections: 0, other: 0, alerts: 0 };
    books.set(container.id, made);
    return made;
  };
  return {
    count(event, container) {
      if (container === undefined) return;
      if (event.kind === "cgroup-gone") books.delete(container.id);
      else bookOf(container)[groups[event.kind] ?? "other"]++;
    },
    countAlert(container) {
      if (container !== undefined) bookOf(container).alerts++;
    },
    list: () => [...books.values()].map(toActivity).sort((one, other) => other.events - one.events),
  };
}

function toActivity({ container, ...counts }: Counted): Activity {
  const { id, name, image } = container;
  const { processes, files, connections, other } = counts;
  return { id, name, image, events: processes + files + connections + other, ...counts };
}
