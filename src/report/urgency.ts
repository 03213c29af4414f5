// The order in which people want to read findings: what is worst and most real first, then by place.

import { bySeverity } from "../base/severity.ts";
import type { Finding } from "../model/finding.ts";

const kinds: readonly Finding["kind"][] = ["malware", "ambiguous-layer", "secret", "vulnerability", "misconfiguration"];

export function byUrgency(left: Finding, right: Finding): number {
  return (
    bySeverity(left.severity, right.severity) ||
    kinds.indexOf(left.kind) - kinds.indexOf(right.kind) ||
    likelihoodOf(right) - likelihoodOf(left) ||
    compareTexts(placeOf(left), placeOf(right)) ||
    compareTexts(left.id, right.id)
  );
}

/** The package that has it, else the file. */
export function placeOf(finding: Finding): string {
  return finding.kind === "vulnerability" ? finding.package : finding.path;
}

/** Known exploited stands before everything that may be. */
function likelihoodOf(finding: Finding): number {
  return finding.kind === "vulnerability" && finding.exploitation.isKnownExploited ? 1 : 0;
}

function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
