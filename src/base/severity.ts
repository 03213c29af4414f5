// The order of severities. Unknown stands below all others for people who look for the worst, and is never taken for harmless by rules.

import type { Severity } from "../model/advisory.ts";

/** Most severe first. */
export const severities: readonly Severity[] = ["critical", "high", "medium", "low", "negligible", "unknown"];

/** 0 for unknown, 5 for critical. */
export function severityRank(severity: Severity): number {
  return severities.length - 1 - severities.indexOf(severity);
}

/** Negative when left is more severe. */
export function bySeverity(left: Severity, right: Severity): number {
  return severityRank(right) - severityRank(left);
}
