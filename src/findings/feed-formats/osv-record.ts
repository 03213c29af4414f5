// One record of the OSV format -> advisories, one for each package (and each weakness, where a bulletin speaks of several).
// Source: ossf.github.io/osv-schema, 1.7.

import { fieldAt, fieldsAt, listAt, textAt, textsAt } from "../../base/reading.ts";
import type { Advisory, Severity } from "../../model/advisory.ts";
import { isBulletin } from "../database/identity.ts";
import { packageKey } from "../package-key.ts";
import { schemeOf } from "../scheme-of.ts";
import { oneLine } from "./one-line.ts";
import { type Place, placeOf } from "./osv-ecosystem.ts";
import { rangesOf, uncovered } from "./osv-ranges.ts";

/** Empty for a withdrawn record, and for what no image holds. */
export function readOsvRecord(record: unknown, feed: string): readonly Advisory[] {
  if (textAt(record, "withdrawn") !== "") return [];
  const id = textAt(record, "id");
  if (id === "") return [];
  return listAt(record, "affected").flatMap((affected) => {
    const place = placeOf(textAt(affected, "package", "ecosystem"));
    const name = textAt(affected, "package", "name");
    if (place === undefined || name === "") return [];
    return namings(record, id).map((naming) => advisoryOf({ record, affected, feed, place, name }, naming));
  });
}

type Naming = { readonly id: string; readonly aliases: readonly string[] };

/** A bulletin about three weaknesses is three advisories of one name. */
function namings(record: unknown, id: string): readonly Naming[] {
  const [aliases, upstream, related] = ["aliases", "upstream", "related"].map((key) => textsAt(record, key));
  if (!isBulletin(id))
    return [{ id, aliases: unique([...(aliases ?? []), ...(upstream ?? []).filter(isCve), ...cveWithin(id)]) }];
  const names = unique([...(aliases ?? []), ...(upstream ?? []), ...(related ?? [])].filter(isCve));
  return names.length === 0 ? [{ id, aliases: [] }] : names.map((name) => ({ id, aliases: [name] }));
}

/** `UBUNTU-CVE-2024-1` says which CVE it is about. */
function cveWithin(id: string): readonly string[] {
  const name = /^[A-Z]+-(CVE-\d{4}-\d+)$/.exec(id)?.[1];
  return name === undefined ? [] : [name];
}

function isCve(name: string): boolean {
  return name.startsWith("CVE-");
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

type Part = {
  readonly record: unknown;
  readonly affected: unknown;
  readonly feed: string;
  readonly place: Place;
  readonly name: string;
};

function advisoryOf({ record, affected, feed, place, name }: Part, naming: Naming): Advisory {
  const scheme = schemeOf(place.ecosystem);
  const ranges = rangesOf(affected, scheme);
  return {
    ...naming,
    feed,
    namespace: place.namespace,
    package: packageKey(place.ecosystem, name),
    ranges,
    versions: uncovered(textsAt(affected, "versions"), ranges, scheme),
    fixState: ranges.some(({ fixed }) => fixed !== "") ? "fixed" : "unfixed",
    severity: ratedBy(record, affected, naming.id),
    cvss: vectorsOf(record, affected),
    summary: oneLine(textAt(record, "summary") || textAt(record, "details")),
    url: urlOf(record, naming.id),
    published: textAt(record, "published"),
    imports: importsOf(affected),
    module: textAt(affected, "ecosystem_specific", "module"),
    isUnimportant: isInformation(affected),
  };
}

const words: Readonly<Record<string, Severity>> = {
  negligible: "negligible",
  unimportant: "negligible",
  low: "low",
  medium: "medium",
  moderate: "medium",
  important: "high",
  high: "high",
  critical: "critical",
};

/** The publisher's own word: GitHub and Red Hat in database_specific, Ubuntu as a severity, Debian as urgency. */
function ratedBy(record: unknown, affected: unknown, id: string): Severity {
  if (id.startsWith("MAL-")) return "critical";
  const own = [affected, record]
    .flatMap((at) => listAt(at, "severity"))
    .map((entry) => (textAt(entry, "type").startsWith("CVSS") ? "" : textAt(entry, "score")));
  const candidates = [
    ...own,
    textAt(record, "database_specific", "severity"),
    textAt(affected, "ecosystem_specific", "urgency"),
    textAt(affected, "database_specific", "severity"),
  ].map((word) => word.toLowerCase());
  const word = candidates.find((candidate) => Object.hasOwn(words, candidate));
  return word === undefined ? "unknown" : (words[word] ?? "unknown");
}

function vectorsOf(record: unknown, affected: unknown): readonly string[] {
  const entries = [...listAt(affected, "severity"), ...listAt(record, "severity")];
  return ["CVSS_V4", "CVSS_V3", "CVSS_V2"].flatMap((type) =>
    unique(entries.filter((entry) => textAt(entry, "type") === type).map((entry) => textAt(entry, "score"))),
  );
}

function urlOf(record: unknown, id: string): string {
  const references = listAt(record, "references");
  const advisory = references.find((reference) => textAt(reference, "type") === "ADVISORY");
  const url = textAt(advisory, "url");
  return /^https?:\/\/\S+$/.test(url) ? url : `https://osv.dev/vulnerability/${encodeURIComponent(id)}`;
}

/** Go lists the packages of a module in which the weakness is. */
function importsOf(affected: unknown): readonly string[] {
  return unique(
    listAt(affected, "ecosystem_specific", "imports")
      .map((item) => textAt(item, "path"))
      .filter((path) => path !== ""),
  );
}

/** RustSec also says that a crate has no maintainer any more: worth knowing, but no weakness. */
function isInformation(affected: unknown): boolean {
  const kind = fieldAt(fieldsAt(affected, "database_specific"), "informational");
  return kind === "unmaintained" || kind === "notice";
}
