// A Dockerfile's text -> what is wrong with it, in order of place. What an ignore comment with a reason names is counted, not shown.

import type { Dockerfile, Instruction, Position } from "../../base/dockerfile/dockerfile.ts";
import { parseDockerfile } from "../../base/dockerfile/parse-dockerfile.ts";
import { planBuild } from "../../base/dockerfile/stages.ts";
import { printable } from "../../base/printable.ts";
import type { Severity } from "../../model/advisory.ts";
import { secretRules } from "../secrets/rules.ts";
import { makeSecretScanner, type SecretScanner } from "../secrets/secret-scanner.ts";
import { applyIgnores } from "./ignore-comments.ts";
import type { LintRule, LintSubject, RunStep } from "./lint-rule.ts";
import { lintRules } from "./rules.ts";
import { shellCommands } from "./shell-commands.ts";

export type LintFinding = Position & {
  readonly rule: string;
  readonly severity: Severity;
  /** One line, printable. */
  readonly message: string;
  readonly hint: string;
};

export type LintResult = {
  readonly findings: readonly LintFinding[];
  readonly ignored: readonly (LintFinding & { readonly reason: string })[];
};

/** One file of ten thousand mistakes must not fill the report. */
const maxFindings = 1000;

/** Reads the rules once, for any number of files. @returns lints; throws PlimsollError LIMIT_EXCEEDED */
export function makeLinter(): (text: string, where: string) => LintResult {
  const secrets = makeSecretScanner(secretRules);
  return (text, where) => {
    const subject = toSubject(text, where, secrets);
    const found = lintRules
      .flatMap((rule) => checkRule(rule, subject))
      .sort(byPlace)
      .slice(0, maxFindings);
    return applyIgnores(found, subject.dockerfile);
  };
}

function toSubject(text: string, where: string, secrets: SecretScanner): LintSubject {
  const dockerfile = parseDockerfile(text, { where, hasHeredocs: true });
  const instructions = dockerfile.instructions.flatMap((each) => [each, ...triggersOf(each)]);
  return { text, dockerfile, plan: planBuild(dockerfile), instructions, runs: runsOf(dockerfile), secrets };
}

function triggersOf({ trigger }: Instruction): readonly Instruction[] {
  return trigger === undefined ? [] : [trigger, ...triggersOf(trigger)];
}

function runsOf({ instructions }: Dockerfile): readonly RunStep[] {
  let stage = -1;
  return instructions.flatMap((instruction) => {
    if (instruction.keyword === "FROM") stage += 1;
    return [instruction, ...triggersOf(instruction)]
      .filter(({ keyword }) => keyword === "RUN")
      .map((run) => ({ instruction: run, stage, commands: commandsOf(run, instruction) }));
  });
}

/** Of the line, or of `["sh", "-c", "..."]`, and of heredocs: their text is a script where nothing else says what reads it. */
function commandsOf(run: Instruction, outer: Instruction): RunStep["commands"] {
  const script =
    run.form === "json"
      ? /^(?:.*\/)?(?:ba|da|z|a)?sh$/.test(run.words[0]?.text ?? "")
        ? run.words.at(-1)
        : undefined
      : undefined;
  const line =
    run.form === "shell"
      ? shellCommands(run.text, run.positionOf)
      : script === undefined
        ? []
        : shellCommands(script.text, () => script);
  const documents = outer.heredocs.flatMap(({ content, line: first }) =>
    shellCommands(content, (offset) => placeIn(content, offset, first)),
  );
  return [...line, ...documents];
}

function placeIn(content: string, offset: number, first: number): Position {
  const before = content.slice(0, offset).split("\n");
  return { line: first + before.length - 1, column: (before.at(-1)?.length ?? 0) + 1 };
}

function checkRule(rule: LintRule, subject: LintSubject): readonly LintFinding[] {
  return rule.check(subject).map(({ at, what, severity }) => ({
    rule: rule.id,
    severity: severity ?? rule.severity,
    line: at.line,
    column: at.column,
    message: printable(what, 300),
    hint: rule.hint,
  }));
}

function byPlace(left: LintFinding, right: LintFinding): number {
  return left.line - right.line || left.column - right.column || (left.rule < right.rule ? -1 : 1);
}
