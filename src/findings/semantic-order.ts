// The order of semantic versions. Missing numbers read as 0, which only advisories write.
// Source: semver.org 2.0.0; comparison by the library npm itself uses.

import SemVer from "semver/classes/semver.js";
import { malformed } from "../base/errors.ts";

/** @throws PlimsollError MALFORMED_INPUT */
export function compareSemantic(left: string, right: string): number {
  return parse(left).compare(parse(right));
}

function parse(text: string): SemVer {
  const match = /^[\s=v]*(\d+)(?:\.(\d+))?(?:\.(\d+))?(?=$|[-+])(.*)$/.exec(text.trim());
  const full = match === null ? text : `${match[1]}.${match[2] ?? 0}.${match[3] ?? 0}${match[4] ?? ""}`;
  try {
    return new SemVer(full, { loose: true });
  } catch {
    throw malformed("version", `no semantic version: ${text.slice(0, 80)}`);
  }
}
