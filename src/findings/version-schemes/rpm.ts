// rpm's order of versions: epoch (none is 0), version, release; `~` before the end, `^` behind it.
// Source: rpm-version(7); rpm.org documentation, "Dependencies, versioning".

import { malformed } from "../../base/errors.ts";
import { compareDigits } from "../natural-order.ts";
import type { VersionScheme } from "../version-scheme.ts";

export const rpm: VersionScheme = {
  name: "rpm",
  summary: "Red Hat, SUSE and all who build with rpm",
  needs: {},
  ecosystems: ["rpm"],
  compare(left, right) {
    const [a, b] = [split(left), split(right)];
    return (
      compareDigits(a.epoch, b.epoch) || comparePart(a.version, b.version) || compareReleases(a.release, b.release)
    );
  },
};

type RpmVersion = { readonly epoch: string; readonly version: string; readonly release: string };

function split(text: string): RpmVersion {
  const match = /^(?:(\d{1,10}|\(none\)):)?([^\s:-]+)(?:-([^\s:-]+))?$/.exec(text);
  if (match?.[2] === undefined) throw malformed("version", `no rpm version: ${text.slice(0, 80)}`);
  const epoch = match[1] === undefined || match[1] === "(none)" ? "0" : match[1];
  return { epoch, version: match[2], release: match[3] ?? "" };
}

/** No release at all comes before every release. */
function compareReleases(left: string, right: string): number {
  if (left === "" || right === "") return Number(left !== "") - Number(right !== "");
  return comparePart(left, right);
}

/** Digits, letters, `~` and `^`; everything else only separates. */
function segments(part: string): readonly string[] {
  return part.match(/\d+|[a-zA-Z]+|~|\^/g) ?? [];
}

function comparePart(left: string, right: string): number {
  const [a, b] = [segments(left), segments(right)];
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const difference = compareSegment(a[at], b[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareSegment(left: string | undefined, right: string | undefined): number {
  if (left === right) return 0;
  if (left === "~") return -1;
  if (right === "~") return 1;
  if (left === undefined) return -1;
  if (right === undefined) return 1;
  if (left === "^") return -1;
  if (right === "^") return 1;
  const isNumber = /^\d/.test(left);
  if (isNumber !== /^\d/.test(right)) return isNumber ? 1 : -1;
  if (isNumber) return compareDigits(left, right);
  return left < right ? -1 : 1;
}
