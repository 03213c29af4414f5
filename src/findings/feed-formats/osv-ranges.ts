// Events of OSV ("introduced here, fixed there") -> ranges.
// Source: OSV schema, affected[].ranges[].events.

import { listAt, textAt } from "../../base/reading.ts";
import type { VersionRange } from "../../model/advisory.ts";
import type { VersionScheme } from "../version-scheme.ts";

type Event = { readonly kind: "introduced" | "fixed" | "last_affected"; readonly version: string };

const kinds = ["introduced", "fixed", "last_affected"] as const;

/** Ranges of commits say nothing about versions and are left out. */
export function rangesOf(affected: unknown, scheme: VersionScheme): readonly VersionRange[] {
  return listAt(affected, "ranges")
    .filter((range) => textAt(range, "type") !== "GIT")
    .flatMap((range) => joinEvents(sorted(listAt(range, "events").flatMap(readEvent), scheme)));
}

function readEvent(event: unknown): readonly Event[] {
  return kinds.flatMap((kind) => {
    const version = textAt(event, kind);
    return version === "" ? [] : [{ kind, version: kind === "introduced" && version === "0" ? "" : version }];
  });
}

/** Events may stand in any order; where a version cannot be read, the publisher's order is kept. */
function sorted(events: readonly Event[], scheme: VersionScheme): readonly Event[] {
  try {
    return [...events].sort((left, right) => {
      if (left.version === "" || right.version === "")
        return Number(right.version === "") - Number(left.version === "");
      return scheme.compare(left.version, right.version) || kinds.indexOf(right.kind) - kinds.indexOf(left.kind);
    });
  } catch {
    return events;
  }
}

function joinEvents(events: readonly Event[]): readonly VersionRange[] {
  const ranges: VersionRange[] = [];
  let introduced: string | undefined;
  for (const { kind, version } of events) {
    if (kind === "introduced") {
      introduced ??= version;
    } else if (introduced !== undefined) {
      ranges.push({
        introduced,
        fixed: kind === "fixed" ? version : "",
        lastAffected: kind === "last_affected" ? version : "",
      });
      introduced = undefined;
    }
  }
  if (introduced !== undefined) ranges.push({ introduced, fixed: "", lastAffected: "" });
  return ranges;
}

/** Listed versions that no range covers: the others need no place in the database. */
export function uncovered(
  versions: readonly string[],
  ranges: readonly VersionRange[],
  scheme: VersionScheme,
): readonly string[] {
  return ranges.length === 0
    ? versions
    : versions.filter((version) => !ranges.some((range) => covers(range, version, scheme)));
}

function covers(range: VersionRange, version: string, scheme: VersionScheme): boolean {
  try {
    if (range.introduced !== "" && scheme.compare(version, range.introduced) < 0) return false;
    if (range.fixed !== "") return scheme.compare(version, range.fixed) < 0;
    return range.lastAffected === "" || scheme.compare(version, range.lastAffected) <= 0;
  } catch {
    return false;
  }
}
