// How many of what: the numbers that every summary shows.

import { severities } from "../base/severity.ts";
import type { Severity } from "../model/advisory.ts";
import type { Finding } from "../model/finding.ts";

export type SeverityCount = {
  readonly severity: Severity;
  readonly count: number;
  /** Vulnerabilities that a newer version ends. */
  readonly fixable: number;
};

type FindingKind = Finding["kind"];

/** One row a severity, most severe first, empty ones too. All kinds of findings count. */
export function countBySeverity(findings: readonly Finding[]): readonly SeverityCount[] {
  return severities.map((severity) => {
    const of = findings.filter((finding) => finding.severity === severity);
    return { severity, count: of.length, fixable: of.filter(isFixable).length };
  });
}

export function countByKind(findings: readonly Finding[]): Readonly<Record<FindingKind, number>> {
  const counts = { vulnerability: 0, malware: 0, secret: 0, misconfiguration: 0, "ambiguous-layer": 0 };
  for (const finding of findings) counts[finding.kind] += 1;
  return counts;
}

export function isFixable(finding: Finding): boolean {
  return finding.kind === "vulnerability" && finding.fixedVersion !== "";
}

/** "1 secret", "3 secrets". */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
