// One mistake that a Dockerfile can have: data for reports and the manual, and one question.

import type { Dockerfile, Instruction, Position } from "../../base/dockerfile/dockerfile.ts";
import type { BuildPlan, Stage } from "../../base/dockerfile/stages.ts";
import type { Severity } from "../../model/advisory.ts";
import type { SecretScanner } from "../secrets/secret-scanner.ts";
import type { ShellCommand } from "./shell-commands.ts";

/** A RUN with the commands in it, those of heredocs too. */
export type RunStep = {
  readonly instruction: Instruction;
  readonly stage: number;
  readonly commands: readonly ShellCommand[];
};

export type LintSubject = {
  readonly text: string;
  readonly dockerfile: Dockerfile;
  readonly plan: BuildPlan;
  readonly runs: readonly RunStep[];
  /** Every instruction, what ONBUILD runs later included. */
  readonly instructions: readonly Instruction[];
  readonly secrets: SecretScanner;
};

export type LintHit = {
  readonly at: Position;
  /** One line: what is there. Printable or not: it is made so later. */
  readonly what: string;
  readonly severity?: Severity;
};

export type LintRule = {
  readonly id: string;
  readonly severity: Severity;
  /** For the manual: what is wrong. */
  readonly title: string;
  /** One imperative sentence. */
  readonly hint: string;
  check(subject: LintSubject): readonly LintHit[];
};

/** Instructions of one kind, with what ONBUILD holds. */
export function instructionsOf(subject: LintSubject, ...keywords: readonly string[]): readonly Instruction[] {
  return subject.instructions.filter(({ keyword }) => keywords.includes(keyword));
}

/** The stage that is built last, and all stages it starts from, itself first. */
export function finalStages({ plan }: LintSubject): readonly Stage[] {
  const chain: Stage[] = [];
  let stage = plan.stages.at(-1);
  while (stage !== undefined && !chain.includes(stage)) {
    chain.push(stage);
    stage = stage.parent === undefined ? undefined : plan.stages[stage.parent];
  }
  return chain;
}
