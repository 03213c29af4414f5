// An order of versions that is right for nearly all schemes, for advice only: numbers by value, a tilde before everything.
// Whether a version is affected is decided by the scheme of its ecosystem, never here.

/** Negative when left is older. */
export function compareNaturally(left: string, right: string): number {
  const [leftEpoch, leftRest] = splitEpoch(left);
  const [rightEpoch, rightRest] = splitEpoch(right);
  if (leftEpoch !== rightEpoch) return leftEpoch - rightEpoch;
  const lefts = leftRest.match(parts) ?? [];
  const rights = rightRest.match(parts) ?? [];
  for (let at = 0; at < Math.max(lefts.length, rights.length); at += 1) {
    const order = compareParts(lefts[at] ?? "", rights[at] ?? "");
    if (order !== 0) return order;
  }
  return 0;
}

const parts = /\d+|~|[A-Za-z]+|[^\dA-Za-z~]+/g;

function splitEpoch(version: string): readonly [number, string] {
  const match = /^(\d+):(.*)$/s.exec(version);
  return match?.[1] === undefined ? [0, version] : [Number(match[1]), match[2] ?? ""];
}

function compareParts(left: string, right: string): number {
  if (left === right) return 0;
  if (left === "~" || right === "~") return left === "~" ? -1 : 1;
  if (/^\d/.test(left) && /^\d/.test(right)) return Math.sign(Number(left) - Number(right));
  return left < right ? -1 : 1;
}
