// Alerts of one process tree are one incident: whoever looks into it wants all that came of the first step, not a list.

import { requestId } from "../../base/request-id.ts";
import { isAncestor, type TreeProcess } from "../process-tree/process-tree.ts";

export interface IncidentBook {
  /** @returns the incident that this process belongs to; a new one when its tree was quiet for long */
  of(process: TreeProcess): string;
}

type Open = { readonly id: string; lastMs: number };

const maxOpen = 4096;

/** @param quietMs after so much silence the next alert of a tree is another incident */
export function createIncidentBook(options: { nowMs(): number; readonly quietMs: number }): IncidentBook {
  const open = new Map<string, Open>();
  return {
    of(process) {
      const root = rootOf(process);
      const key = `${root.pid} ${root.startedAt} ${root.cgroupId}`;
      const now = options.nowMs();
      const known = open.get(key);
      const isOpen = known !== undefined && now - known.lastMs <= options.quietMs;
      const incident = isOpen ? known : { id: requestId(now), lastMs: now };
      incident.lastMs = now;
      open.delete(key);
      if (open.size >= maxOpen) forgetOldest(open);
      open.set(key, incident);
      return incident.id;
    },
  };
}

/** The first process of the container, or of an exec into it. */
function rootOf(process: TreeProcess): TreeProcess {
  let root = process;
  while (root.parent !== undefined && isAncestor(root.parent, process)) root = root.parent;
  return root;
}

function forgetOldest(open: Map<string, Open>): void {
  const [oldest] = open.keys();
  if (oldest !== undefined) open.delete(oldest);
}
