// Ubuntu images cut by Chisel: no dpkg database, but a compressed manifest of the packages and files that are left.
// Source: github.com/canonical/chisel, public/jsonwall and public/manifest: a zstd stream of one JSON object a line.

import { zstdDecompressSync } from "node:zlib";
import { errorText, malformed } from "../../base/errors.ts";
import { textAt } from "../../base/reading.ts";
import type { CatalogResult, Package } from "../../model/package.ts";
import type { Cataloger, CatalogFile } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { parseJson } from "../json.ts";
import { makePackage } from "../make-package.ts";
import { linesOf, readText, relativePath } from "../text.ts";
import { sourceOfUbuntuPackage } from "../ubuntu-sources.ts";

export const chisel: Cataloger = {
  name: "chisel",
  summary: "Ubuntu packages in images cut by Chisel, and the files they own",
  needs: {},
  version: 1,
  reads: { paths: ["var/lib/chisel/manifest.wall"] },
  maxBytes: 16 * 1024 * 1024,
  catalog: readManifest,
};

const maxTextBytes = 64 * 1024 * 1024;
const maxLines = 1_000_000;

function readManifest(file: CatalogFile): CatalogResult {
  const found = new Collection(file.path);
  const owned: string[] = [];
  const sourceless: string[] = [];
  for (const line of linesOf(readText(decompress(file)), maxLines)) {
    if (line === "") continue;
    const entry = parseJson(file.path, line);
    const kind = textAt(entry, "kind");
    if (kind === "path") owned.push(relativePath(textAt(entry, "path")));
    if (kind !== "package") continue;
    const name = textAt(entry, "name");
    const version = textAt(entry, "version");
    if (name === "" || version === "") {
      found.addProblem(`a package without name or version: ${JSON.stringify(name)}`);
      continue;
    }
    const sourceName = sourceOfUbuntuPackage(name, version);
    if (sourceName === undefined) sourceless.push(name);
    found.add(toPackage(entry, { name, version, sourceName: sourceName ?? name, evidence: file.path }));
  }
  // The manifest is silent about sources, by which Ubuntu's advisories go.
  if (sourceless.length > 0) {
    found.addProblem(
      `the sources of ${sourceless.length} packages are not known: ${sourceless.slice(0, 10).join(", ")}`,
    );
  }
  return { ...found.result(), owned };
}

type Known = {
  readonly name: string;
  readonly version: string;
  readonly sourceName: string;
  readonly evidence: string;
};

function toPackage(entry: unknown, known: Known): Package {
  return makePackage({ ecosystem: "deb", architecture: textAt(entry, "arch"), ...known });
}

function decompress({ path, content }: CatalogFile): Uint8Array {
  try {
    return zstdDecompressSync(content, { maxOutputLength: maxTextBytes });
  } catch (thrown) {
    throw malformed(path, `expected zstd: ${errorText(thrown)}`);
  }
}
