// Does one advisory speak of one version? And if so, which version ends it?
// Source: OSV schema, "Evaluation".

import { errorText, PlimsollError } from "../../base/errors.ts";
import type { Advisory, VersionRange } from "../../model/advisory.ts";
import type { VersionScheme } from "../version-scheme.ts";

export type Judgement = {
  readonly advisory: Advisory;
  readonly isAffected: boolean;
  /** End of the range that the version is in; "" when it has none. */
  readonly fixedVersion: string;
};

const isWithoutEnd = (range: VersionRange): boolean => range.fixed === "" && range.lastAffected === "";
const isFromTheBeginning = (range: VersionRange): boolean => range.introduced === "" || range.introduced === "0";

/** @returns what is wrong, when the version or a bound cannot be read and the answer depends on it */
export function judge(advisory: Advisory, version: string, scheme: VersionScheme): Judgement | string {
  try {
    const range = advisory.ranges.find((one) => isWithin(version, one, scheme));
    const isAffected = range !== undefined || advisory.versions.some((one) => isSame(one, version, scheme));
    return { advisory, isAffected, fixedVersion: range?.fixed ?? "" };
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    return `${advisory.id}: ${errorText(thrown)}`;
  }
}

function isWithin(version: string, range: VersionRange, scheme: VersionScheme): boolean {
  if (!isFromTheBeginning(range) && scheme.compare(version, range.introduced) < 0) return false;
  if (isWithoutEnd(range)) return true;
  if (range.fixed !== "") return scheme.compare(version, range.fixed) < 0;
  return scheme.compare(version, range.lastAffected) <= 0;
}

function isSame(listed: string, version: string, scheme: VersionScheme): boolean {
  if (listed === version) return true;
  try {
    return scheme.compare(listed, version) === 0;
  } catch {
    return false; // a listed name that is no version equals only itself
  }
}
