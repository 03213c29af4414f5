// SPDX 2.3 in JSON: what is in the image. The format has no place for findings.
// Source: spdx.github.io/spdx-spec/v2.3.

import type { Package } from "../../model/package.ts";
import type { ScanResult } from "../../model/scan.ts";
import { type Component, componentsOf } from "../components.ts";
import type { Format } from "../format.ts";
import { jsonDocument, rows } from "../json-pieces.ts";
import { readLicense } from "../license.ts";
import { hashOf, uuidOf } from "../stable-id.ts";
import { digestOf, imageUrl, nameOf, scanId } from "../subject.ts";

export const spdx: Format = {
  name: "spdx",
  summary: "SPDX 2.3 JSON: packages only",
  needs: {},
  extension: ".spdx.json",
  *render(result) {
    const components = componentsOf(result);
    yield* jsonDocument(
      {
        spdxVersion: "SPDX-2.3",
        dataLicense: "CC0-1.0",
        SPDXID: "SPDXRef-DOCUMENT",
        name: nameOf(result),
        documentNamespace: `https://spdx.org/spdxdocs/plimsoll-${uuidOf(scanId(result))}`,
        creationInfo: {
          // Seconds, as the specification's own pattern has it (6.9).
          created: result.scannedAt.replace(/\.\d+Z$/, "Z"),
          creators: [`Tool: ${result.tool.replace(" ", "-")}`],
        },
        packages: rows(() => packagesOf(result, components)),
        hasExtractedLicensingInfos: extractedLicenses(components),
        relationships: rows(() => relationshipsOf(components)),
      },
      2,
    );
  },
};

const rootId = "SPDXRef-image";

function rootOf(result: ScanResult) {
  const digest = digestOf(result);
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  return {
    SPDXID: rootId,
    name: nameOf(result),
    versionInfo: digest === "" ? undefined : digest,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    licenseConcluded: "NOASSERTION",
    licenseDeclared: "NOASSERTION",
    copyrightText: "NOASSERTION",
    primaryPackagePurpose: hex === undefined ? "FILE" : "CONTAINER",
    checksums: hex === undefined ? undefined : [{ algorithm: "SHA256", checksumValue: hex }],
    externalRefs: hex === undefined ? undefined : [urlReference(imageUrl(result))],
  };
}

function* packagesOf(result: ScanResult, components: readonly Component[]) {
  yield rootOf(result);
  for (const component of components) yield packageOf(component);
}

function* relationshipsOf(components: readonly Component[]) {
  yield { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: rootId };
  for (const { ref } of components)
    yield { spdxElementId: rootId, relationshipType: "CONTAINS", relatedSpdxElement: idOf(ref) };
}

function idOf(ref: string): string {
  return `SPDXRef-package-${hashOf(ref).slice(0, 20)}`;
}

function packageOf({ found, purl, ref }: Component) {
  const source = found.sourceName === "" ? "" : `; built from ${found.sourceName} ${found.sourceVersion}`;
  return {
    SPDXID: idOf(ref),
    name: found.name,
    versionInfo: found.version,
    supplier: found.vendor === "" ? "NOASSERTION" : `Organization: ${found.vendor}`,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    sourceInfo: `known from ${found.evidence || "the scanned document"}${source}`,
    licenseConcluded: "NOASSERTION",
    licenseDeclared: declaredLicense(found),
    copyrightText: "NOASSERTION",
    externalRefs: [urlReference(purl)],
  };
}

function urlReference(purl: string) {
  return { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl };
}

function declaredLicense({ license }: Package): string {
  const found = readLicense(license);
  if (found === undefined) return "NOASSERTION";
  return found.kind === "expression" ? found.text : licenseReference(found.text);
}

/** Words that are no SPDX expression get a name of their own in the document (section 10). */
function licenseReference(words: string): string {
  return `LicenseRef-${hashOf(words).slice(0, 16)}`;
}

function extractedLicenses(components: readonly Component[]) {
  const words = components.flatMap(({ found }) => {
    const license = readLicense(found.license);
    return license?.kind === "words" ? [license.text] : [];
  });
  const unique = [...new Set(words)].sort();
  if (unique.length === 0) return undefined;
  return unique.map((text) => ({ licenseId: licenseReference(text), extractedText: text, name: text.slice(0, 200) }));
}
