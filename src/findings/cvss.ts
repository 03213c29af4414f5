// Scores of CVSS vectors, all versions. Source: first.org/cvss, specification documents 2.0 to 4.0; computed by a library.

import { createRequire } from "node:module";
import type { Severity } from "../model/advisory.ts";

type Calculator = typeof import("ae-cvss-calculator");

const maxVectorLength = 400;

/** @returns 0..10; -1 when it is no vector, or one without all base metrics */
export function cvssScore(vector: string): number {
  if (vector.length > maxVectorLength || !/^[A-Za-z0-9:/.]+$/.test(vector)) return -1;
  try {
    const parsed = parse(vector, loadCalculator());
    if (!parsed.isBaseFullyDefined()) return -1;
    const { overall } = parsed.calculateScores();
    return Number.isFinite(overall) && overall >= 0 && overall <= 10 ? overall : -1;
  } catch {
    return -1; // the library throws for what is no vector
  }
}

/** Source: CVSS 3.1 and 4.0, "Qualitative Severity Rating Scale". */
export function severityOfScore(score: number): Severity {
  if (score < 0) return "unknown";
  if (score === 0) return "negligible";
  if (score < 4) return "low";
  if (score < 7) return "medium";
  return score < 9 ? "high" : "critical";
}

function parse(vector: string, calculator: Calculator) {
  if (vector.startsWith("CVSS:4.0/")) return new calculator.Cvss4P0(vector);
  if (vector.startsWith("CVSS:3.1/")) return new calculator.Cvss3P1(vector);
  if (vector.startsWith("CVSS:3.0/")) return new calculator.Cvss3P0(vector);
  return new calculator.Cvss2(vector);
}

/** Its named exports cannot be imported from an ES module; and 300 KiB load only when there is something to rate. */
function loadCalculator(): Calculator {
  return createRequire(import.meta.url)("ae-cvss-calculator");
}
