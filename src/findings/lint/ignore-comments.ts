// `# plimsoll ignore=RULE[,RULE] reason`, above an instruction or inside it. Without a reason it ignores nothing.

import type { Comment, Dockerfile } from "../../base/dockerfile/dockerfile.ts";
import { printable } from "../../base/printable.ts";
import type { LintFinding, LintResult } from "./lint-dockerfile.ts";
import { lintRules } from "./rules.ts";

type Ignore = {
  readonly comment: Comment;
  readonly rules: readonly string[];
  readonly reason: string;
  /** Lines of the instruction that it is about. */
  readonly from: number;
  readonly to: number;
};

/** What an ignore comment may be wrong about: rules of their own, so that they stand in the manual too. */
export const ignoreRules = [
  {
    id: "ignore-without-reason",
    severity: "medium",
    title: "an ignore comment gives no reason, so that it ignores nothing",
    hint: "write the reason after the rule",
  },
  {
    id: "ignore-unknown-rule",
    severity: "medium",
    title: "an ignore comment names a rule that does not exist",
    hint: "correct the name of the rule",
  },
  { id: "ignore-unused", severity: "low", title: "an ignore comment ignores nothing", hint: "remove the comment" },
] as const;

export function applyIgnores(found: readonly LintFinding[], dockerfile: Dockerfile): LintResult {
  const ignores = dockerfile.comments.flatMap((comment) => readIgnore(comment, dockerfile));
  const findings: LintFinding[] = [];
  const ignored: (LintFinding & { readonly reason: string })[] = [];
  const used = new Set<string>();
  for (const finding of found) {
    const ignore = ignores.find(
      (each) =>
        each.reason !== "" && each.rules.includes(finding.rule) && finding.line >= each.from && finding.line <= each.to,
    );
    if (ignore === undefined) findings.push(finding);
    else {
      ignored.push({ ...finding, reason: ignore.reason });
      used.add(`${ignore.comment.line} ${finding.rule}`);
    }
  }
  const mistakes = ignores.flatMap((ignore) => mistakesOf(ignore, used));
  return {
    findings: [...findings, ...mistakes].sort((left, right) => left.line - right.line || left.column - right.column),
    ignored,
  };
}

function readIgnore(comment: Comment, { instructions }: Dockerfile): readonly Ignore[] {
  const match = /^plimsoll\s+ignore=(\S+)(?:\s+(.*))?$/.exec(comment.text);
  if (match === null) return [];
  const rules = (match[1] ?? "").split(",").filter((rule) => rule !== "");
  const target = instructions.find(({ line, endLine }) => comment.line < line || comment.line <= endLine);
  return [
    {
      comment,
      rules,
      reason: printable((match[2] ?? "").trim(), 300),
      from: target?.line ?? 0,
      to: target?.endLine ?? -1,
    },
  ];
}

function mistakesOf(ignore: Ignore, used: ReadonlySet<string>): readonly LintFinding[] {
  const [withoutReason, unknownRule, unused] = ignoreRules;
  const known = new Set(lintRules.map(({ id }) => id));
  const report = (rule: (typeof ignoreRules)[number], message: string): LintFinding => ({
    rule: rule.id,
    severity: rule.severity,
    line: ignore.comment.line,
    column: ignore.comment.column,
    message: printable(message, 300),
    hint: rule.hint,
  });
  if (ignore.reason === "") return [report(withoutReason, "an ignore comment without a reason")];
  return ignore.rules.flatMap((rule) => {
    if (!known.has(rule)) return [report(unknownRule, `no rule ${rule}`)];
    return used.has(`${ignore.comment.line} ${rule}`) ? [] : [report(unused, `nothing to ignore by ${rule}`)];
  });
}
