// RubyGems' order of versions: runs of digits and letters; letters mean a pre-release; a platform behind the version says nothing.
// Source: RubyGems, Gem::Version; guides.rubygems.org/patterns.

import { malformed } from "../../base/errors.ts";
import { compareDigits } from "../natural-order.ts";
import type { VersionScheme } from "../version-scheme.ts";

export const gem: VersionScheme = {
  name: "gem",
  summary: "RubyGems",
  needs: {},
  ecosystems: ["gem"],
  compare(left, right) {
    const [a, b] = [segments(left), segments(right)];
    const length = Math.max(a.length, b.length);
    for (let at = 0; at < length; at += 1) {
      const difference = compareSegment(a[at] ?? "0", b[at] ?? "0");
      if (difference !== 0) return difference;
    }
    return 0;
  },
};

const platform =
  /-(?:x86|x64|x86_64|i[3-6]86|aarch64|arm|arm64|armv\w+|universal|java|jruby|ruby|mswin\w*|mingw\w*|linux|darwin)(?:-.*)?$/;

function segments(version: string): readonly string[] {
  const plain = version.trim().replace(platform, "");
  if (!/^(?:\d+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)?$/.test(plain)) {
    throw malformed("version", `no gem version: ${version.slice(0, 80)}`);
  }
  const all = plain.replaceAll("-", ".pre.").match(/\d+|[a-zA-Z]+/g) ?? [];
  const prerelease = all.findIndex((segment) => !isNumber(segment));
  if (prerelease === -1) return withoutTrailingZeros(all);
  return [...withoutTrailingZeros(all.slice(0, prerelease)), ...withoutTrailingZeros(all.slice(prerelease))];
}

function withoutTrailingZeros(all: readonly string[]): readonly string[] {
  const last = all.findLastIndex((segment) => !/^0+$/.test(segment));
  return all.slice(0, last + 1);
}

function compareSegment(left: string, right: string): number {
  if (isNumber(left) !== isNumber(right)) return isNumber(left) ? 1 : -1;
  if (isNumber(left)) return compareDigits(left, right);
  return left < right ? -1 : left > right ? 1 : 0;
}

function isNumber(segment: string): boolean {
  return /^\d/.test(segment);
}
