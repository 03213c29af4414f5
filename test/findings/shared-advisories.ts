// Real advisories of several publishers, from the data beside the repository, under the names that the publishers give their files.
// What is stored there in a publisher's source format (YAML, TOML) is written as the publisher's export has it.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parse } from "yaml";
import { fieldsAt, textAt } from "../../src/base/reading.ts";
import { rustsecToOsv } from "./rustsec-to-osv.ts";
import { zipOf } from "./zip-of.ts";

const folder = "../shared/data/advisories";

/** For `test`'s `skip`. */
export const sharedAdvisoriesMissing: string | false = existsSync(folder)
  ? false
  : "no shared advisories beside the repository";

/** By `FEED/FILE`. */
export function sharedAdvisories(): ReadonlyMap<string, Uint8Array> {
  const plain = (name: string): Uint8Array => readFileSync(join(folder, name));
  const inflated = (name: string): Buffer => gunzipSync(plain(name));
  const files = new Map<string, Uint8Array>([
    ["osv/Go/all.zip", plain("osv-Go-all.zip")],
    ["osv/PyPI/all.zip", plain("osv-PyPI-all.zip")],
    ["osv/npm/all.zip", githubAdvisories()],
    ["debian-lists/data/DSA/list", inflated("debian-DSA-list.gz")],
    ["debian-lists/data/DLA/list", inflated("debian-DLA-list.gz")],
    ["kev/known_exploited_vulnerabilities.json", inflated("kev.json.gz")],
    ["wolfi/Wolfi/all.zip", wolfiExport(inflated("wolfi-advisories.ndjson.gz"))],
    ["rustsec/archive/refs/heads/osv.zip", rustsecExport(inflated("rustsec.ndjson.gz"))],
  ]);
  for (const name of readdirSync(join(folder, "alpine-secdb"))) {
    const [release = "", repository = ""] = name.replace(".yaml", "").split("-");
    const document: unknown = parse(plain(`alpine-secdb/${name}`).toString());
    files.set(`alpine-secdb/${release}/${repository}.json`, Buffer.from(JSON.stringify(document)));
  }
  const distroInfo = "/usr/share/distro-info";
  if (existsSync(distroInfo)) {
    for (const name of ["debian.csv", "ubuntu.csv"])
      files.set(`end-of-life/${name}`, readFileSync(join(distroInfo, name)));
  }
  return files;
}

/** Records of several ecosystems; the reader files each where it belongs. */
function githubAdvisories(): Buffer {
  const names = readdirSync(join(folder, "ghsa"));
  return zipOf(Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, "ghsa", name))])));
}

function lines(content: Buffer): readonly unknown[] {
  return content
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line));
}

/** Chainguard exports what is fixed and what is open; what was found to be no weakness is left out. */
function wolfiExport(content: Buffer): Buffer {
  const records = lines(content).flatMap((line) => wolfiRecords(textAt(line, "yaml")));
  return zipOf(Object.fromEntries(records.map((record) => [`${record.id}.json`, JSON.stringify(record)])));
}

/** The files are all laid out alike, by a program: lines do where a YAML reader would take half a minute. */
function wolfiRecords(yaml: string) {
  const name = /^package:\n {2}name: (\S+)$/m.exec(yaml)?.[1] ?? "";
  return yaml
    .split(/^ {2}- id: /m)
    .slice(1)
    .flatMap((advisory) => {
      const [head = "", ...events] = advisory.split(/^ {6}- timestamp: /m);
      const last = events.sort().at(-1) ?? "";
      const type = /^ {8}type: (\S+)$/m.exec(last)?.[1];
      const fixed = /^ {10}fixed-version: (\S+)$/m.exec(last)?.[1];
      if (type === "false-positive-determination" || fixed === "0") return [];
      const ranges = [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, ...(type === "fixed" ? [{ fixed }] : [])] }];
      return [
        {
          id: head.split("\n", 1)[0] ?? "",
          upstream: [...head.matchAll(/^ {6}- (\S+)$/gm)].map(([, alias]) => alias),
          affected: [{ package: { ecosystem: "Wolfi", name }, ranges }],
        },
      ];
    });
}

function rustsecExport(content: Buffer): Buffer {
  const records = lines(content).map((line) => rustsecToOsv(textAt(line, "markdown")));
  const named = records.map(
    (record) => [`crates/${textAt(record, "id")}.json`, JSON.stringify(fieldsAt(record))] as const,
  );
  return zipOf(Object.fromEntries(named));
}
