// Python's order of versions: epoch, release, then pre-, post- and development releases, then the local label.
// Source: PEP 440, "Summary of permitted suffixes and relative ordering" and appendix B.

import { malformed } from "../../base/errors.ts";
import { compareDigits } from "../natural-order.ts";
import type { VersionScheme } from "../version-scheme.ts";

export const python: VersionScheme = {
  name: "python",
  summary: "Python packages",
  needs: {},
  ecosystems: ["pypi"],
  compare(left, right) {
    const [a, b] = [parse(left), parse(right)];
    return (
      compareDigits(a.epoch, b.epoch) ||
      compareReleases(a.release, b.release) ||
      comparePhases(a.pre, b.pre) ||
      comparePhases(a.post, b.post) ||
      comparePhases(a.dev, b.dev) ||
      compareLocals(a.local, b.local)
    );
  },
};

/** Rank among what can stand in this place, and the number behind it. */
type Phase = { readonly rank: number; readonly number: string };

type PythonVersion = {
  readonly epoch: string;
  readonly release: readonly string[];
  readonly pre: Phase;
  readonly post: Phase;
  readonly dev: Phase;
  readonly local: readonly string[];
};

const shape = new RegExp(
  [
    "^v?(?:(?<epoch>\\d+)!)?(?<release>\\d+(?:\\.\\d+)*)",
    "(?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preNumber>\\d*))?",
    "(?:-(?<postShort>\\d+)|(?<post>[-_.]?(?:post|rev|r)[-_.]?(?<postNumber>\\d*)))?",
    "(?<dev>[-_.]?dev[-_.]?(?<devNumber>\\d*))?",
    "(?:\\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$",
  ].join(""),
);
const maxLength = 256;
const [first, alpha, beta, candidate, last] = [0, 1, 2, 3, 4];
const preRanks: Readonly<Record<string, number>> = {
  a: alpha,
  alpha,
  b: beta,
  beta,
  c: candidate,
  rc: candidate,
  pre: candidate,
  preview: candidate,
};

function parse(text: string): PythonVersion {
  const groups = text.length > maxLength ? undefined : shape.exec(text.trim().toLowerCase())?.groups;
  if (groups === undefined) throw malformed("version", `no Python version: ${text.slice(0, 80)}`);
  const hasPost = groups["post"] !== undefined || groups["postShort"] !== undefined;
  const hasDev = groups["dev"] !== undefined;
  const rank = groups["pre"] === undefined ? undefined : preRanks[groups["pre"]];
  // A development release of the plain version comes before its alphas.
  const withoutPre = hasDev && !hasPost ? first : last;
  return {
    epoch: groups["epoch"] ?? "0",
    release: (groups["release"] ?? "0").split("."),
    pre: { rank: rank ?? withoutPre, number: groups["preNumber"] ?? "" },
    post: { rank: hasPost ? 1 : 0, number: groups["postShort"] ?? groups["postNumber"] ?? "" },
    dev: { rank: hasDev ? 0 : 1, number: groups["devNumber"] ?? "" },
    local: groups["local"]?.split(/[-_.]/) ?? [],
  };
}

function compareReleases(left: readonly string[], right: readonly string[]): number {
  const length = Math.max(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const difference = compareDigits(left[at] ?? "0", right[at] ?? "0");
    if (difference !== 0) return difference;
  }
  return 0;
}

function comparePhases(left: Phase, right: Phase): number {
  return left.rank - right.rank || compareDigits(left.number, right.number);
}

/** No label comes first; a number behind a word. */
function compareLocals(left: readonly string[], right: readonly string[]): number {
  for (const [at, a] of left.entries()) {
    const b = right[at];
    if (b === undefined) return 1;
    const [isLeft, isRight] = [/^\d+$/.test(a), /^\d+$/.test(b)];
    const difference = isLeft && isRight ? compareDigits(a, b) : Number(isLeft) - Number(isRight) || compareText(a, b);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
