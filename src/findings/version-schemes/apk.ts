// Alpine's order of versions: `1.2.3b_rc1-r4`.
// Source: apk-package(5) and the Alpine wiki, "APKBUILD Reference", pkgver; order of suffixes from apk-tools' own test vectors.

import { malformed } from "../../base/errors.ts";
import { compareDigits } from "../natural-order.ts";
import type { VersionScheme } from "../version-scheme.ts";

export const apk: VersionScheme = {
  name: "apk",
  summary: "Alpine, Wolfi and Chainguard",
  needs: {},
  ecosystems: ["apk"],
  compare(left, right) {
    const [a, b] = [split(left), split(right)];
    return (
      compareNumbers(a.numbers, b.numbers) ||
      compareText(a.letter, b.letter) ||
      compareSuffixes(a.suffixes, b.suffixes) ||
      compareText(a.commit, b.commit) ||
      compareOptional(a.revision, b.revision)
    );
  },
};

/** Before the plain version, and behind it. */
const earlier: readonly string[] = ["alpha", "beta", "pre", "rc"];
const later: readonly string[] = ["cvs", "svn", "git", "hg", "p"];
const words = [...earlier, ...later].join("|");
const shape = new RegExp(`^(\\d+(?:\\.\\d+)*)([a-z]?)((?:_(?:${words})\\d*)*)(~[0-9a-f]+)?(?:-r(\\d+))?$`);

type ApkVersion = {
  readonly numbers: readonly string[];
  readonly letter: string;
  readonly suffixes: readonly string[];
  readonly commit: string;
  readonly revision: string | undefined;
};

function split(version: string): ApkVersion {
  const match = shape.exec(version);
  if (match === null) throw malformed("version", `no apk version: ${version.slice(0, 80)}`);
  return {
    numbers: (match[1] ?? "").split("."),
    letter: match[2] ?? "",
    suffixes: (match[3] ?? "").split("_").slice(1),
    commit: match[4] ?? "",
    revision: match[5],
  };
}

function compareNumbers(left: readonly string[], right: readonly string[]): number {
  for (const [at, a] of left.entries()) {
    const b = right[at];
    if (b === undefined) return 1;
    // Behind the first dot a leading zero makes it a fraction: 1.05 comes before 1.1.
    const isFraction = at > 0 && (a.startsWith("0") || b.startsWith("0"));
    const difference = isFraction ? compareText(a, b) : compareDigits(a, b);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function compareSuffixes(left: readonly string[], right: readonly string[]): number {
  const length = Math.max(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const [a, b] = [left[at] ?? "", right[at] ?? ""];
    const difference = rank(a) - rank(b) || compareOptional(numberOf(a), numberOf(b));
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Negative before the plain version, which is 0. */
function rank(suffix: string): number {
  const word = suffix.replace(/\d+$/, "");
  const early = earlier.indexOf(word);
  return early === -1 ? later.indexOf(word) + 1 : early - earlier.length;
}

function numberOf(suffix: string): string | undefined {
  return /\d+$/.exec(suffix)?.[0];
}

function compareOptional(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  return compareDigits(left, right);
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
