// NuGet's order of versions: up to four numbers, then a pre-release as in semantic versioning, without regard to case.
// Source: learn.microsoft.com/nuget/concepts/package-versioning.

import { malformed } from "../../base/errors.ts";
import { compareDigits } from "../natural-order.ts";
import type { VersionScheme } from "../version-scheme.ts";

export const nuget: VersionScheme = {
  name: "nuget",
  summary: ".NET packages",
  needs: {},
  ecosystems: ["nuget"],
  compare(left, right) {
    const [a, b] = [parse(left), parse(right)];
    for (let at = 0; at < 4; at += 1) {
      const difference = compareDigits(a.numbers[at] ?? "0", b.numbers[at] ?? "0");
      if (difference !== 0) return difference;
    }
    return comparePrerelease(a.prerelease, b.prerelease);
  },
};

type NugetVersion = { readonly numbers: readonly string[]; readonly prerelease: readonly string[] };

function parse(text: string): NugetVersion {
  const match = /^v?(\d+(?:\.\d+){0,3})(?:-([0-9a-z-]+(?:\.[0-9a-z-]+)*))?(?:\+[0-9a-z.-]*)?$/i.exec(text.trim());
  if (match?.[1] === undefined) throw malformed("version", `no NuGet version: ${text.slice(0, 80)}`);
  return { numbers: match[1].split("."), prerelease: match[2]?.toLowerCase().split(".") ?? [] };
}

function comparePrerelease(left: readonly string[], right: readonly string[]): number {
  if (left.length === 0 || right.length === 0) return right.length - left.length;
  for (const [at, a] of left.entries()) {
    const b = right[at];
    if (b === undefined) return 1;
    const difference = compareIdentifiers(a, b);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function compareIdentifiers(left: string, right: string): number {
  const [isLeftNumber, isRightNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (isLeftNumber && isRightNumber) return compareDigits(left, right);
  if (isLeftNumber !== isRightNumber) return isLeftNumber ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}
