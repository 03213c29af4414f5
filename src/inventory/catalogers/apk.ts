// Alpine, Wolfi and Chainguard packages with their files, from the database apk keeps: records of "K:value" lines, split by an empty line.
// Source: apk-tools, doc/apk-v2.5.scd ("installed database"): P name, V version, A architecture, o origin, L license, m maintainer, F directory, R file.

import { limitExceeded } from "../../base/errors.ts";
import type { CatalogResult, Package } from "../../model/package.ts";
import type { Cataloger, CatalogFile } from "../cataloger.ts";
import { Problems } from "../collect.ts";
import { makePackage } from "../make-package.ts";
import { fileLines, relativePath } from "../text.ts";

export const apk: Cataloger = {
  name: "apk",
  summary: "Alpine and Wolfi packages, and the files they own",
  needs: {},
  version: 1,
  reads: { paths: ["lib/apk/db/installed", "usr/lib/apk/db/installed"] },
  maxBytes: 48 * 1024 * 1024,
  catalog(file) {
    return readDatabase(file);
  },
};

const maxPackages = 200_000;
const maxFiles = 600_000;

type Entry = { readonly fields: Map<string, string>; readonly files: string[]; directory: string };

function readDatabase(file: CatalogFile): CatalogResult {
  const packages: Package[] = [];
  const owned: string[] = [];
  const problems = new Problems();
  for (const record of readEntries(file.content)) {
    const { fields, files } = record;
    const name = fields.get("P") ?? "";
    const version = fields.get("V") ?? "";
    if (name === "" || version === "") {
      problems.add(`a record without name (P:) or version (V:): ${JSON.stringify(name)}`);
      continue;
    }
    packages.push(toPackage(fields, name, version, file.path));
    for (const path of files) owned.push(path);
    if (packages.length > maxPackages || owned.length > maxFiles) {
      throw limitExceeded(file.path, `more than ${maxPackages} packages or ${maxFiles} files`);
    }
  }
  return { packages, owned, ...problems.result() };
}

function* readEntries(content: Uint8Array): Generator<Entry> {
  let record: Entry = emptyEntry();
  for (const line of fileLines(content)) {
    if (line === "") {
      if (record.fields.size > 0) yield record;
      record = emptyEntry();
    } else if (line.charCodeAt(1) === 0x3a) {
      readField(record, line.charAt(0), line.slice(2));
    }
  }
  if (record.fields.size > 0) yield record;
}

function emptyEntry(): Entry {
  return { fields: new Map(), files: [], directory: "" };
}

function readField(record: Entry, key: string, value: string): void {
  if (key === "F") record.directory = relativePath(value);
  else if (key === "R") record.files.push(record.directory === "" ? value : `${record.directory}/${value}`);
  else if ("PVAoLm".includes(key)) record.fields.set(key, value);
}

function toPackage(fields: ReadonlyMap<string, string>, name: string, version: string, evidence: string): Package {
  return makePackage({
    ecosystem: "apk",
    name,
    version,
    evidence,
    architecture: fields.get("A") ?? "",
    sourceName: fields.get("o") || name,
    license: fields.get("L") ?? "",
    vendor: fields.get("m") ?? "",
  });
}
