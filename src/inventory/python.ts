// What several readers of Python's world share.
// Source: PEP 503, "Normalized names"; Core metadata specifications 2.x (a mail-like header, then a body).

import type { Package } from "../model/package.ts";
import { makePackage } from "./make-package.ts";
import { linesOf } from "./text.ts";

type Known = Partial<Package> & { readonly name: string; readonly version: string; readonly evidence: string };

/** Under the folded name, by which indexes and advisories know it. */
export function pythonPackage(known: Known): Package {
  const name = foldName(known.name);
  return makePackage({ ...known, ecosystem: "pypi", name });
}

function foldName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

/** The first value of each field of the header; the body (a description of any length) is not looked at. */
export function readMetadata(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of linesOf(text)) {
    if (line === "") break;
    const colon = line.indexOf(":");
    if (colon <= 0 || line.startsWith(" ") || line.startsWith("\t")) continue;
    const field = line.slice(0, colon).toLowerCase();
    if (!fields.has(field)) fields.set(field, line.slice(colon + 1).trim());
  }
  return fields;
}
