// Composer's order of versions: four numbers, a stability, its number. Branches without a number (`dev-main`) have no place in it.
// Source: getcomposer.org/doc/articles/versions.md.

import { malformed } from "../../base/errors.ts";
import { compareDigits } from "../natural-order.ts";
import type { VersionScheme } from "../version-scheme.ts";

export const composer: VersionScheme = {
  name: "composer",
  summary: "PHP packages of Packagist",
  needs: {},
  ecosystems: ["composer"],
  compare(left, right) {
    const [a, b] = [parse(left), parse(right)];
    return (
      compareNumbers(a.numbers, b.numbers) ||
      a.stability - b.stability ||
      compareNumbers(a.stabilityNumber, b.stabilityNumber)
    );
  },
};

type ComposerVersion = {
  readonly numbers: readonly string[];
  /** Below 0: before the release; above: a patch of it. */
  readonly stability: number;
  readonly stabilityNumber: readonly string[];
};

const stabilities: Readonly<Record<string, number>> = {
  dev: -4,
  alpha: -3,
  a: -3,
  beta: -2,
  b: -2,
  rc: -1,
  stable: 0,
  patch: 1,
  pl: 1,
  p: 1,
};
const modifier = "[._-]?(?:(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?\\d+)*)?)?([.-]?dev)?";
const classical = new RegExp(`^v?(\\d{1,5}(?:\\.\\d+){0,3})${modifier}$`, "i");
const dated = new RegExp(`^v?(\\d{4}(?:[.:-]?\\d{2}){1,6}(?:[.:-]?\\d{1,3}){0,2})${modifier}$`, "i");
const branch = /^v?((?:\d+|[x*])(?:\.(?:\d+|[x*])){0,3})[._-]?dev$/i;
/** What Composer writes for `x` in a branch. */
const anyNumber = "9999999";

function parse(text: string): ComposerVersion {
  const version = text
    .trim()
    .replace(/\+[^\s]+$/, "")
    .replace(/@(?:stable|rc|beta|alpha|dev)$/i, "");
  const match = classical.exec(version) ?? dated.exec(version);
  if (match?.[1] !== undefined) return released(match[1].split(/[.:-]/), match);
  const numbers = branch.exec(version)?.[1];
  if (numbers === undefined) throw malformed("version", `no Composer version: ${text.slice(0, 80)}`);
  return { numbers: padded(numbers.split("."), anyNumber), stability: -4, stabilityNumber: [] };
}

function released(numbers: readonly string[], match: RegExpExecArray): ComposerVersion {
  const isDevelopment = match[4] !== undefined;
  const word = (match[2] ?? "stable").toLowerCase();
  const stability = stabilities[word] ?? 0;
  return {
    numbers: padded(numbers, "0"),
    stability: isDevelopment && stability === 0 ? -4 : stability,
    stabilityNumber: (match[3] ?? "").split(/[.-]/).filter((part) => part !== ""),
  };
}

function padded(numbers: readonly string[], filler: string): readonly string[] {
  const known = numbers.map((number) => (/^\d+$/.test(number) ? number : anyNumber));
  return [...known, ...Array.from({ length: Math.max(0, 4 - known.length) }, () => filler)];
}

function compareNumbers(left: readonly string[], right: readonly string[]): number {
  const length = Math.max(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const [a, b] = [left[at], right[at]];
    if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
    const difference = compareDigits(a, b);
    if (difference !== 0) return difference;
  }
  return 0;
}
