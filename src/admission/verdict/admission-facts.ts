// A scan's result -> the facts that policies see of an image.

import { isRootUser } from "../../base/root-user.ts";
import type { Severity } from "../../model/advisory.ts";
import type { AdmissionFacts } from "../../model/facts.ts";
import type { Finding, Vulnerability } from "../../model/finding.ts";
import type { ScanResult } from "../../model/scan.ts";
import { noProvenance } from "../../trust/provenance.ts";
import { expiredRule } from "../find-weaknesses.ts";
import { unknownTrust } from "./trust-facts.ts";

export type AskedImage = {
  /** Name of the listener; "" on the command line. */
  readonly listener: string;
  /** As the caller named it. */
  readonly image: string;
  readonly imageId: string;
};

export function admissionFacts(asked: AskedImage, result: ScanResult, nowMs: number): AdmissionFacts {
  const { findings, inventory, image, advisoryData } = result;
  const vulnerabilities = uniqueVulnerabilities(findings);
  const fixable = vulnerabilities.filter(({ fixedVersion }) => fixedVersion !== "");
  const { distribution } = inventory;
  return {
    ...asked,
    scanned: true,
    scanError: "",
    ...countSeverities(vulnerabilities),
    fixable: fixable.length,
    fixableCritical: countOf(fixable, "critical"),
    fixableHigh: countOf(fixable, "high"),
    knownExploited: vulnerabilities.filter(({ exploitation }) => exploitation.isKnownExploited).length,
    malware: countKind(findings, "malware"),
    secrets: new Set(findings.flatMap((finding) => (finding.kind === "secret" ? [finding.fingerprint] : []))).size,
    misconfigurations: countKind(findings, "misconfiguration"),
    ambiguous: countKind(findings, "ambiguous-layer"),
    unreadable: inventory.problems.filter(({ plugin }) => plugin !== expiredRule).length,
    user: image.config.user,
    runsAsRoot: isRootUser(image.config.user),
    ageDays: elapsed(image.config.created, nowMs, 86_400_000),
    dataAgeHours: advisoryData.digest === "" ? -1 : elapsed(advisoryData.builtAt, nowMs, 3_600_000),
    distribution: distribution === undefined ? "" : [distribution.id, distribution.version].filter(Boolean).join(":"),
    ...unknownTrust,
    ...noProvenance,
  };
}

/** @param scanError one sentence: why nobody could look into it */
export function unscannedFacts(asked: AskedImage, scanError: string): AdmissionFacts {
  return {
    ...asked,
    scanned: false,
    scanError,
    ...countSeverities([]),
    ...{ fixable: 0, fixableCritical: 0, fixableHigh: 0, knownExploited: 0 },
    ...{ malware: 0, secrets: 0, misconfigurations: 0, ambiguous: 0, unreadable: 0 },
    user: "",
    runsAsRoot: true,
    ageDays: -1,
    dataAgeHours: -1,
    distribution: "",
    ...unknownTrust,
    ...noProvenance,
  };
}

/** One weakness of one package counts once, in however many copies it lies around. */
function uniqueVulnerabilities(findings: readonly Finding[]): readonly Vulnerability[] {
  const unique = new Map<string, Vulnerability>();
  for (const finding of findings) {
    if (finding.kind !== "vulnerability") continue;
    unique.set([finding.id, finding.ecosystem, finding.package, finding.version].join("\0"), finding);
  }
  return [...unique.values()];
}

function countSeverities(vulnerabilities: readonly Vulnerability[]): Readonly<Record<Severity, number>> {
  const counts = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 };
  for (const { severity } of vulnerabilities) counts[severity] += 1;
  return counts;
}

function countOf(vulnerabilities: readonly Vulnerability[], severity: Severity): number {
  return vulnerabilities.filter((found) => found.severity === severity).length;
}

function countKind(findings: readonly Finding[], kind: Finding["kind"]): number {
  return findings.filter((finding) => finding.kind === kind).length;
}

/** Whole units, never negative; -1 when the time is none. A clock that is ahead makes data new, not unknown. */
function elapsed(from: string, nowMs: number, unitMs: number): number {
  const fromMs = Date.parse(from);
  return Number.isNaN(fromMs) ? -1 : Math.max(0, Math.floor((nowMs - fromMs) / unitMs));
}
