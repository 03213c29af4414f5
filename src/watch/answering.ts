// From a rule that matched to an alert that is told: what is done at once, what follows, and what is held back.

import { errorText } from "../base/errors.ts";
import { printable } from "../base/printable.ts";
import type { Alert, ContainerPlace, ProtectionLevel } from "../model/watch.ts";
import type { ActivityBook } from "./alerts/activity.ts";
import type { FloodGuard } from "./alerts/flood-guard.ts";
import { makeAlert } from "./alerts/make-alert.ts";
import type { IncidentBook } from "./incidents/incident-book.ts";
import type { KnownContainers } from "./known-containers.ts";
import type { Response, ResponseTools } from "./response.ts";
import type { WatchRule } from "./rules/rule.ts";
import type { Subject } from "./rules/subject.ts";

export type AnsweringParts = {
  readonly incidents: IncidentBook;
  readonly flood: FloodGuard;
  readonly activity: ActivityBook;
  readonly containers: KnownContainers;
  readonly responses: readonly Response[];
  readonly tools: ResponseTools;
  placeOf(cgroupId: number): ContainerPlace | undefined;
  nowMs(): number;
  tell(alert: Alert): void;
  /** What was done about an alert that was told already. */
  follow(alertId: string, responses: readonly string[]): void;
};

export type Answer = (rule: WatchRule, subject: Subject, level: ProtectionLevel) => void;

/** An alert is told within this time, with what was done until then. */
const patienceMs = 300;
const maxOutcome = 300;

export function createAnswering(parts: AnsweringParts): Answer {
  return (rule, subject, level) => {
    const heldBack = parts.flood.admit(`${rule.name} ${subject.container?.id ?? ""}`);
    const isActing = level === "block" && rule.responses.length > 0;
    // However many alerts are held back, what has to be done is done.
    if (heldBack === undefined && !isActing) return;
    const incident = parts.incidents.of(subject.process);
    const alert = makeAlert(rule, subject, { nowMs: parts.nowMs(), incident, heldBack: heldBack ?? 0 });
    const acting = isActing ? act(rule, alert, parts) : [];
    if (heldBack === undefined) return;
    parts.activity.countAlert(subject.container);
    void tellInTime(alert, acting, parts);
  };
}

/** Begins every response in this very moment. */
function act(rule: WatchRule, alert: Alert, { responses, tools, placeOf }: AnsweringParts): readonly Promise<string>[] {
  const target = { alert, place: placeOf(alert.event.cgroupId) };
  return rule.responses.map(async (name) => {
    const response = responses.find((each) => each.name === name);
    if (response === undefined) return `${name}: there is no such response`;
    try {
      return `${name}: ${printable(await response.act(target, tools), maxOutcome)}`;
    } catch (thrown) {
      return `${name}: failed: ${printable(errorText(thrown), maxOutcome)}`;
    }
  });
}

async function tellInTime(alert: Alert, acting: readonly Promise<string>[], parts: AnsweringParts): Promise<void> {
  const all = Promise.all(acting);
  const [outcomes, container] = await Promise.all([
    Promise.race([all, after(acting.length === 0 ? 0 : patienceMs)]),
    alert.container && parts.containers.settled(alert.container),
  ]);
  const isKilled = outcomes?.some((outcome) => outcome.startsWith("kill: killed")) ?? false;
  parts.tell({
    ...alert,
    container,
    outcome: isKilled && alert.outcome === "detected" ? "killed" : alert.outcome,
    responses: outcomes ?? ["under way"],
  });
  if (outcomes === undefined) parts.follow(alert.id, await all);
}

function after(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, undefined);
  });
}
