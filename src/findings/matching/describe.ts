// From all advisories about one weakness of one package to the one finding that people see.

import type { FixState } from "../../model/advisory.ts";
import type { Vulnerability } from "../../model/finding.ts";
import type { LocatedPackage } from "../../model/package.ts";
import type { Weakness } from "../database/weaknesses.ts";
import { schemeOf } from "../scheme-of.ts";
import type { Judgement } from "./judge.ts";

/**
 * @param affected at least one
 * @param isEnded the release of the distribution gets no fixes any more
 */
export function describe(
  found: LocatedPackage,
  weakness: Weakness,
  affected: readonly Judgement[],
  isEnded: boolean,
): Vulnerability {
  const { id, aliases, rating, exploitation } = weakness.known();
  const advisories = affected.map(({ advisory }) => advisory);
  const fixedVersion = sufficientFix(found, affected);
  const fixState = fixStateOf(affected, fixedVersion, isEnded);
  const first = (key: "namespace" | "url" | "published" | "summary"): string =>
    advisories.find((advisory) => advisory[key] !== "")?.[key] ?? "";
  return {
    kind: "vulnerability",
    id,
    aliases,
    ecosystem: found.ecosystem,
    package: found.name,
    version: found.version,
    advisories: [...new Set(advisories.map((advisory) => advisory.id))],
    namespace: first("namespace"),
    fixState,
    fixedVersion,
    severity: rating.severity,
    severitySource: rating.severitySource,
    cvssScore: rating.cvssScore,
    cvssVector: rating.cvssVector,
    exploitation,
    url: first("url"),
    published: first("published"),
    title: first("summary") || `${id} in ${found.name}`,
    remedy: remedyOf(found, fixState, fixedVersion),
    path: found.evidence,
    layer: found.layer,
  };
}

/** The highest of the fixes: with it, every publisher is content. */
function sufficientFix(found: LocatedPackage, affected: readonly Judgement[]): string {
  const scheme = schemeOf(found.ecosystem);
  const fixes = affected.map(({ fixedVersion }) => fixedVersion).filter((version) => version !== "");
  return fixes.reduce(
    (highest, version) => (highest === "" || scheme.compare(version, highest) > 0 ? version : highest),
    "",
  );
}

function fixStateOf(affected: readonly Judgement[], fixedVersion: string, isEnded: boolean): FixState {
  const states = affected.map(({ advisory }) => advisory.fixState);
  if (states.includes("subscription-only")) return "subscription-only";
  if (fixedVersion !== "") return "fixed";
  if (isEnded) return "end-of-life";
  return states.find((state) => state !== "fixed" && state !== "unfixed") ?? "unfixed";
}

function remedyOf(found: LocatedPackage, fixState: FixState, fixedVersion: string): string {
  if (fixState === "fixed") return `update ${found.name} to ${fixedVersion} or later`;
  if (fixState === "subscription-only") return `attach a subscription and update ${found.name} to ${fixedVersion}`;
  if (fixState === "end-of-life") return "build on a release that still gets fixes";
  return "";
}
