// How bad it is: the publisher's own word first, since the distribution knows its build; then the CVSS score.

import type { Advisory, Severity } from "../../model/advisory.ts";
import type { Vulnerability } from "../../model/finding.ts";
import { severityOfScore } from "../cvss.ts";

export type Rating = Pick<Vulnerability, "severity" | "severitySource" | "cvssScore" | "cvssVector">;

/** @param others vectors by which somebody else rated the same weakness */
export function rate(
  advisories: readonly Advisory[],
  others: readonly string[],
  scoreOf: (vector: string) => number,
): Rating {
  const { score, vector } = bestVector([...advisories.flatMap(({ cvss }) => cvss), ...others], scoreOf);
  const rated = advisories.find(({ severity }) => severity !== "unknown");
  const scored = { cvssScore: score, cvssVector: vector };
  if (rated !== undefined) return { severity: rated.severity, severitySource: rated.feed, ...scored };
  const severity: Severity = severityOfScore(score);
  return { severity, severitySource: severity === "unknown" ? "" : "cvss", ...scored };
}

/** The newest standard wins; of two vectors of one standard the worse. */
function bestVector(
  vectors: readonly string[],
  scoreOf: (vector: string) => number,
): { readonly score: number; readonly vector: string } {
  const scored = [...new Set(vectors)]
    .map((vector) => ({ vector, score: scoreOf(vector) }))
    .filter(({ score }) => score >= 0);
  const [best] = scored.sort(
    (left, right) => generation(right.vector) - generation(left.vector) || right.score - left.score,
  );
  return best ?? { score: -1, vector: "" };
}

function generation(vector: string): number {
  return Number(/^CVSS:(\d)/.exec(vector)?.[1] ?? 2);
}
