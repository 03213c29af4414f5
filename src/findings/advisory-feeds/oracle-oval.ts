// Oracle Linux: its errata as OVAL definitions. Fixes only. Builds of their own line (Ksplice, FIPS) are left out: a fix of one line
// says nothing about another. Source: linux.oracle.com/security/oval; OVAL 5.3, definitions and criteria.

import { readFileSync } from "node:fs";
import { bunzip2 } from "../../base/bzip2.ts";
import type { Advisory } from "../../model/advisory.ts";
import type { AdvisoryFeed, FeedRecord } from "../advisory-feed.ts";
import { fixOf } from "../feed-formats/rpm-fix.ts";
import { readElements, tagsOf, textsOf } from "../feed-formats/xml-elements.ts";

export const oracleOval: AdvisoryFeed = {
  name: "oracle-oval",
  summary: "Oracle Linux",
  needs: { network: true },
  baseUrl: "https://linux.oracle.com/security/oval",
  files: [{ name: "com.oracle.elsa-all.xml.bz2", maxBytes: 256 * 1024 * 1024 }],
  async *read(file, path, problem): AsyncIterable<FeedRecord> {
    for await (const definition of readElements(bunzip2(readFileSync(path)), "definition", file.name)) {
      const advisories = readDefinition(definition);
      if (advisories === undefined) problem(`${file.name}: a definition without a name, a release or a package`);
      for (const advisory of advisories ?? []) yield { kind: "advisory", advisory };
    }
  },
};

type Fix = { readonly package: string; readonly fixed: string; readonly module: string };

/** @returns undefined for what cannot be read; none for what names no weakness */
function readDefinition(definition: string): readonly Advisory[] | undefined {
  const references = tagsOf(definition, "reference").map((reference) => reference.get("ref_id") ?? "");
  const id = references.find((name) => name.startsWith("ELSA-"));
  const releases = textsOf(definition, "platform").flatMap((text) => /^Oracle Linux (\d+)$/.exec(text)?.[1] ?? []);
  const all = fixesIn(definition);
  if (id === undefined || releases.length === 0 || all.length === 0) return undefined;
  const names = references.filter((name) => /^CVE-\d{4}-\d{4,}$/.test(name));
  const about = {
    id,
    feed: "oracle-oval",
    severity: textsOf(definition, "severity")[0] ?? "",
    summary: (textsOf(definition, "title")[0] ?? "").replace(/^ELSA-[\d-]+:\s*/, ""),
    published: tagsOf(definition, "issued")[0]?.get("date") ?? "",
    url: `https://linux.oracle.com/errata/${id}.html`,
  };
  const fixes = all.filter(({ fixed }) => !/ksplice|_fips/i.test(fixed));
  return fixes.flatMap((fix) => {
    const release =
      releases.length === 1 ? releases[0] : releases.find((one) => new RegExp(`\\.el${one}(?!\\d)`).test(fix.fixed));
    if (release === undefined) return [];
    return [...new Set(names)].map((alias) => fixOf({ ...about, ...fix, alias, namespace: `rpm:oracle:${release}` }));
  });
}

/** `Module nodejs:18 is enabled` stands before the packages of that stream. */
function fixesIn(definition: string): readonly Fix[] {
  const fixes = new Map<string, Fix>();
  let module = "";
  for (const comment of tagsOf(definition, "criterion").map((criterion) => criterion.get("comment") ?? "")) {
    module = /^Module (\S+:\S+) is enabled$/.exec(comment)?.[1] ?? module;
    const [, name, version] = /^(\S+) is earlier than (\S+)$/.exec(comment) ?? [];
    if (name === undefined || version === undefined) continue;
    const fix = { package: name, fixed: version, module: version.includes(".module") ? module : "" };
    fixes.set(JSON.stringify(fix), fix);
  }
  return [...fixes.values()];
}
