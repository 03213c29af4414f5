// SPDX 2.2 and 2.3 in JSON: packages with a package URL among their external references.
// Source: spdx.github.io/spdx-spec/v2.3, sections 6 and 7.

import { listAt, textAt } from "../../base/reading.ts";
import type { SbomComponent } from "./read-package.ts";
import type { SbomDocument } from "./sbom-document.ts";

export function readSpdx(document: unknown): SbomDocument {
  const packages = listAt(document, "packages");
  const named = packages.map((found) => ({ found, purl: purlOf(found) }));
  return {
    name: textAt(document, "name"),
    created: textAt(document, "creationInfo", "created"),
    distribution: undefined,
    components: named.filter(({ purl }) => purl !== "").map(({ found, purl }) => toComponent(found, purl)),
    unnamed: named.filter(({ found, purl }) => purl === "" && textAt(found, "versionInfo") !== "").length,
  };
}

function purlOf(found: unknown): string {
  const reference = listAt(found, "externalRefs").find((each) => textAt(each, "referenceType") === "purl");
  return textAt(reference, "referenceLocator");
}

function toComponent(found: unknown, purl: string): SbomComponent {
  const license = textAt(found, "licenseDeclared");
  const [, name = "", version = ""] =
    /built (?:from|package from:?) (\S+) (\S+)$/.exec(textAt(found, "sourceInfo")) ?? [];
  return {
    purl,
    license: license === "NOASSERTION" || license === "NONE" ? "" : license,
    vendor: textAt(found, "supplier")
      .replace(/^(?:Organization|Person): /, "")
      .replace(/^NOASSERTION$/, ""),
    sourceName: name,
    sourceVersion: version,
    evidence: /^known from (.+?)(?:; built from .*)?$/.exec(textAt(found, "sourceInfo"))?.[1] ?? "",
  };
}
