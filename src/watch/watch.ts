// What the pipeline works with; service/watch-process.ts puts it together.

import type { KernelEvent, Protection, ProtectionLevel, WatchedContainer } from "../model/watch.ts";
import type { ProcessTree } from "./process-tree/process-tree.ts";
import type { WatchRule } from "./rules/rule.ts";
import type { RuleSet } from "./rules/rule-set.ts";
import type { Subject } from "./rules/subject.ts";

export type Levels = Readonly<Record<Protection, ProtectionLevel>>;

export type Watch = {
  readonly containers: {
    /** @returns undefined on the host */
    of(cgroupId: number): WatchedContainer | undefined;
  };
  readonly processes: ProcessTree;
  readonly rules: RuleSet;
  readonly activity: {
    count(event: KernelEvent, container: WatchedContainer | undefined): void;
  };
  levelsOf(container: WatchedContainer | undefined): Levels;
  /** A rule that throws judges no more. */
  judge(rule: WatchRule, subject: Subject): boolean;
  /** Tells of it, and does what the rule says where the level is `block`. */
  answer(rule: WatchRule, subject: Subject, level: ProtectionLevel): void;
  descriptorOf(pid: number, fd: number): string;
};
