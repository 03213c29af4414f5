// An advisory as a line of the database: what is empty is left out, and what the key says already is too.

import { array, boolean, decode, literal, object, optional, string } from "../../base/schema.ts";
import type { Advisory } from "../../model/advisory.ts";

const severities = ["unknown", "negligible", "low", "medium", "high", "critical"] as const;
const fixStates = [
  "fixed",
  "unfixed",
  "wont-fix",
  "deferred",
  "end-of-life",
  "under-investigation",
  "subscription-only",
] as const;

const texts = optional(array(string));
const text = optional(string);
const range = object({ introduced: text, fixed: text, lastAffected: text });
const row = object({
  id: string,
  aliases: texts,
  feed: string,
  ranges: optional(array(range)),
  versions: texts,
  fixState: literal(...fixStates),
  severity: literal(...severities),
  cvss: texts,
  summary: text,
  url: text,
  published: text,
  imports: texts,
  module: text,
  isUnimportant: optional(boolean),
});
const rows = array(row);

export function encodeAdvisory(advisory: Advisory): string {
  const { namespace: _namespace, package: _package, ...rest } = advisory;
  const ranges = rest.ranges.map((one) => withoutEmpty(one));
  return JSON.stringify(withoutEmpty({ ...rest, ranges }));
}

/** @param json the array of all rows of one key */
export function decodeAdvisories(json: unknown, namespace: string, name: string): readonly Advisory[] {
  const found = decode(rows, json, { code: "ADVISORIES_INVALID", where: `advisories of ${namespace} ${name}` });
  return found.map((one) => fromRow(one, namespace, name));
}

type Row = ReturnType<typeof row>;

/** One for all: hundreds of thousands of advisories stay in memory. */
const none: readonly string[] = Object.freeze([]);

function fromRow(found: Row, namespace: string, name: string): Advisory {
  return {
    id: found.id,
    aliases: found.aliases ?? none,
    feed: found.feed,
    namespace,
    package: name,
    ranges: (found.ranges ?? []).map((one) => ({
      introduced: one.introduced ?? "",
      fixed: one.fixed ?? "",
      lastAffected: one.lastAffected ?? "",
    })),
    versions: found.versions ?? none,
    fixState: found.fixState,
    severity: found.severity,
    cvss: found.cvss ?? none,
    summary: found.summary ?? "",
    url: found.url ?? "",
    published: found.published ?? "",
    imports: found.imports ?? none,
    module: found.module ?? "",
    isUnimportant: found.isUnimportant ?? false,
  };
}

function withoutEmpty(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== "" && value !== false && !(Array.isArray(value) && value.length === 0),
    ),
  );
}
