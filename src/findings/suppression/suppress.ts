// Which findings count no longer, because of a VEX statement or an ignore rule. They are set aside, never dropped.

import type { Finding, Suppressed } from "../../model/finding.ts";
import type { Inventory } from "../../model/package.ts";
import type { VexStatement } from "../../model/vex.ts";
import { type IgnoreRule, ignores, isExpired } from "./ignore-rules.ts";
import { type ImageIdentity, type VexScope, vexScope } from "./vex-scope.ts";

export type SuppressOptions = {
  readonly inventory: Inventory;
  readonly image: ImageIdentity;
  readonly statements: readonly VexStatement[];
  readonly ignoreRules: readonly IgnoreRule[];
  readonly now: Date;
};

export type SuppressResult = {
  readonly findings: readonly Finding[];
  readonly suppressed: readonly Suppressed[];
  /** Rules that would have counted, were they not expired: somebody has to look again. */
  readonly expired: readonly IgnoreRule[];
};

export function suppress(all: readonly Finding[], options: SuppressOptions): SuppressResult {
  const scope = vexScope(options.statements, options.inventory, options.image);
  const current = options.ignoreRules.filter((rule) => !isExpired(rule, options.now));
  const past = options.ignoreRules.filter((rule) => isExpired(rule, options.now));
  const findings: Finding[] = [];
  const suppressed: Suppressed[] = [];
  const expired = new Set<IgnoreRule>();
  for (const finding of all) {
    const found = byStatement(finding, scope) ?? byRule(finding, current);
    if (found !== undefined) suppressed.push(found);
    else {
      findings.push(finding);
      for (const rule of past) if (ignores(rule, finding)) expired.add(rule);
    }
  }
  return { findings, suppressed, expired: [...expired] };
}

function byStatement(finding: Finding, scope: VexScope): Suppressed | undefined {
  const statement = finding.kind === "vulnerability" ? scope.statementFor(finding) : undefined;
  if (statement === undefined || (statement.status !== "not_affected" && statement.status !== "fixed"))
    return undefined;
  const reason = [statement.justification, statement.impact].filter((part) => part !== "").join(": ");
  return { finding, by: "vex", status: statement.status, reason, source: statement.source };
}

function byRule(finding: Finding, rules: readonly IgnoreRule[]): Suppressed | undefined {
  const rule = rules.find((one) => ignores(one, finding));
  if (rule === undefined) return undefined;
  return { finding, by: "ignore-rule", status: "ignored", reason: rule.reason, source: rule.source };
}
