// A rule and what it matched -> an alert that tells the whole story by itself.

import { requestId } from "../../base/request-id.ts";
import type { Alert, KernelEvent } from "../../model/watch.ts";
import { isAncestor, maxAncestors, type TreeProcess } from "../process-tree/process-tree.ts";
import type { WatchRule } from "../rules/rule.ts";
import type { Subject } from "../rules/subject.ts";

export type AlertOptions = {
  readonly nowMs: number;
  readonly incident: string;
  /** Alerts like it that were not told. */
  readonly heldBack: number;
};

const outcomes: Readonly<Record<KernelEvent["verdict"], Alert["outcome"]>> = {
  seen: "detected",
  denied: "denied",
  killed: "killed",
};

/** Characters of all arguments of one ancestor. */
const maxArguments = 512;

export function makeAlert(rule: WatchRule, subject: Subject, { nowMs, incident, heldBack }: AlertOptions): Alert {
  const { event, process, container } = subject;
  const more = heldBack === 0 ? "" : ` (${heldBack} more like it were not told)`;
  return {
    id: requestId(nowMs),
    time: new Date(event.time).toISOString(),
    rule: rule.name,
    severity: rule.severity,
    protection: rule.protection,
    techniques: rule.techniques,
    outcome: outcomes[event.verdict],
    message: rule.message(subject) + more,
    container,
    event,
    ancestors: ancestorsOf(process),
    incident,
    responses: [],
  };
}

/** From the process itself to the first of its container. */
function ancestorsOf(process: TreeProcess): Alert["ancestors"] {
  const found: Alert["ancestors"][number][] = [];
  let at: TreeProcess | undefined = process;
  while (at !== undefined && (at === process || isAncestor(at, process)) && found.length < maxAncestors) {
    found.push({ pid: at.pid, path: at.path || at.name, argv: cut(at.argv) });
    at = at.parent;
  }
  return found;
}

function cut(argv: readonly string[]): readonly string[] {
  let left = maxArguments;
  const kept: string[] = [];
  for (const argument of argv) {
    if (left <= 0) return [...kept, "…"];
    kept.push(argument.length > left ? `${argument.slice(0, left)}…` : argument);
    left -= argument.length;
  }
  return kept;
}
