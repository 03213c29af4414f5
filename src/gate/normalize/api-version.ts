// The version prefix: read strictly, then moved into the range that the engine and Plimsoll both know.
// Source: moby/moby, daemon/server/middleware/version.go; below 1.24 the engine honours calls that our table does not have.

import type { EngineDescription } from "../../engine/engine.ts";
import { quoted, refused } from "./refused.ts";

type Version = readonly [major: number, minor: number];

export type VersionedPath = { readonly apiVersion: string; readonly segments: readonly string[] };

const oldest: Version = [1, 24];
const newest: Version = [1, 56];

/** @throws Refusal when a prefix looks like a version but is written in a way readers differ on */
export function takeVersion(segments: readonly string[], engine: EngineDescription): VersionedPath {
  const first = segments[0] ?? "";
  const isVersion = /^[vV][\d.]*$/.test(first);
  const rest = isVersion ? segments.slice(1) : segments;
  if (rest[0] === "libpod") return { apiVersion: isVersion ? readLibpodVersion(first) : "", segments: rest };
  const range = commonRange(engine);
  if (!isVersion) return { apiVersion: range.newest.join("."), segments };
  return { apiVersion: clamp(readVersion(first), range).join("."), segments: rest };
}

function readVersion(segment: string): Version {
  const match = /^v(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})$/.exec(segment);
  if (match === null) throw badVersion(segment);
  return [Number(match[1]), Number(match[2])];
}

/** Podman's own versions have up to three parts. */
function readLibpodVersion(segment: string): string {
  if (!/^v\d{1,4}(\.\d{1,4}){0,2}$/.test(segment)) throw badVersion(segment);
  return segment.slice(1);
}

function commonRange(engine: EngineDescription): { oldest: Version; newest: Version } {
  const range = {
    oldest: later(oldest, parseEngineVersion(engine.minApiVersion) ?? oldest),
    newest: earlier(newest, parseEngineVersion(engine.apiVersion) ?? newest),
  };
  if (compare(range.oldest, range.newest) <= 0) return range;
  throw refused({
    slug: "api-version",
    reason: `the engine speaks API ${engine.minApiVersion} to ${engine.apiVersion}, expected a version between ${oldest.join(".")} and ${newest.join(".")}`,
    hint: "upgrade Plimsoll",
  });
}

function parseEngineVersion(text: string): Version | undefined {
  const match = /^(\d+)\.(\d+)/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

function clamp(version: Version, range: { oldest: Version; newest: Version }): Version {
  return earlier(later(version, range.oldest), range.newest);
}

function earlier(left: Version, right: Version): Version {
  return compare(left, right) <= 0 ? left : right;
}

function later(left: Version, right: Version): Version {
  return compare(left, right) >= 0 ? left : right;
}

function compare(left: Version, right: Version): number {
  return left[0] - right[0] || left[1] - right[1];
}

function badVersion(segment: string): Error {
  return refused({
    slug: "api-version",
    reason: `version prefix ${quoted(segment)}: expected a form like v1.41`,
    hint: "write the API version without leading zeros or further parts",
  });
}
