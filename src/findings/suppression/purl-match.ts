// Does a package URL of a statement mean this package? What it leaves open (version, qualifiers) fits everything, what it says has to fit exactly.

import { type PackageUrl, readPackageUrl } from "../../base/package-url.ts";

/** Qualifiers that say where it comes from or how it was packed, not which package it is. */
const ignoredQualifiers: ReadonlySet<string> = new Set([
  "upstream",
  "vcs_url",
  "download_url",
  "checksum",
  "file_name",
]);

/** undefined for text that is no package URL, or speaks of a part of a package only (`#subpath`): it means no package. */
export function tryReadPackageUrl(text: string): PackageUrl | undefined {
  try {
    return text.startsWith("pkg:") && !text.includes("#") ? readPackageUrl(text) : undefined;
  } catch {
    return undefined;
  }
}

export function matchesPackage(statement: PackageUrl, found: PackageUrl): boolean {
  return (
    statement.type === found.type &&
    statement.namespace === found.namespace &&
    foldedName(statement) === foldedName(found) &&
    (statement.version === "" || statement.version === found.version) &&
    Object.entries(statement.qualifiers).every(
      ([key, value]) => ignoredQualifiers.has(key) || found.qualifiers[key] === value,
    )
  );
}

/** Source: PURL-TYPES.rst, pypi. */
function foldedName({ type, name }: PackageUrl): string {
  return type === "pypi" ? name.toLowerCase().replaceAll("_", "-") : name;
}
