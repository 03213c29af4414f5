// One cell of the table: what an attack achieved at one level, and what was told of it.

import type { ProtectionLevel } from "../../../src/model/watch.ts";
import type { WatchAttack } from "./attack-table.ts";
import type { Played, Report } from "./play.ts";
import type { Told } from "./witness.ts";

/**
 * `works`: nobody told; `detected`: it worked and was told with container and rule; `denied`: the kernel answered with an
 * error, and told; `killed`: the process did not get its result, and it was told; `untold`: it failed and nobody says who
 * stopped it; `no effect`: it fails where nobody watches, too; `lost`: the tester did not report.
 */
export type Outcome = "works" | "detected" | "denied" | "killed" | "untold" | "no effect" | "lost";

export type Cell = {
  readonly attack: string;
  readonly level: ProtectionLevel;
  readonly outcome: Outcome;
  /** Of the tester. */
  readonly detail: string;
  /** Rules that told, without doubles. */
  readonly rules: readonly string[];
  /** Kinds of events with verdicts, without doubles: `exec denied`. */
  readonly events: readonly string[];
};

/** Actions stand this far apart, at least half of it on both sides. Milliseconds. */
const apart = 15;

export function gradeCell(attack: WatchAttack, level: ProtectionLevel, played: Played, told: readonly Told[]): Cell {
  const report = played.reports.get(attack.name);
  const meanwhile = report === undefined ? [] : told.filter(({ event }) => isDuring(event.time, report));
  const rules = unique(meanwhile.flatMap((each) => each.rules));
  const about = meanwhile.filter(
    ({ event }) => event.protection === attack.protection || attack.kinds.includes(event.kind),
  );
  return {
    ...{ attack: attack.name, level, rules },
    outcome: outcomeOf(attack, report, about, rules, level),
    detail: report?.detail ?? "",
    events: unique(about.map(({ event }) => `${event.kind} ${event.verdict}`)),
  };
}

export function tellCell({ attack, level, outcome, detail, rules, events }: Cell): string {
  return `${attack} at ${level}: ${outcome} (${detail}; ${rules.join(" ")}; ${events.join(", ")})`;
}

function outcomeOf(
  attack: WatchAttack,
  report: Report | undefined,
  about: readonly Told[],
  rules: readonly string[],
  level: ProtectionLevel,
): Outcome {
  if (report === undefined) return "lost";
  if (level === "off") return report.ok ? "works" : "no effect";
  const isTold = attack.rule === undefined ? rules.length > 0 && about.length > 0 : rules.includes(attack.rule);
  if (report.ok) return isTold ? "detected" : "works";
  const stopped = about.find(({ event }) => event.verdict !== "seen");
  if (stopped === undefined) return "untold";
  return stopped.event.verdict === "killed" ? "killed" : "denied";
}

function isDuring(time: number, report: Report): boolean {
  return time >= report.from - apart && time <= report.to + apart;
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
