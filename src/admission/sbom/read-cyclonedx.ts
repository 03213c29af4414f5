// CycloneDX 1.2 to 1.6 in JSON: components, nested ones too, and the operating system among them.
// Source: cyclonedx.org/docs/1.6/json.

import { fieldAt, isFields, listAt, textAt } from "../../base/reading.ts";
import type { Distribution } from "../../model/package.ts";
import type { SbomComponent } from "./read-package.ts";
import type { SbomDocument } from "./sbom-document.ts";

const maxDepth = 32;

export function readCyclonedx(document: unknown): SbomDocument {
  const all = [...everyComponent(fieldAt(document, "metadata", "component"), 0), ...nested(document, 0)];
  const system = all.find((component) => textAt(component, "type") === "operating-system");
  return {
    name: textAt(document, "metadata", "component", "name"),
    created: textAt(document, "metadata", "timestamp"),
    distribution: system === undefined ? undefined : distributionOf(system),
    components: all.filter((component) => textAt(component, "purl") !== "").map(toComponent),
    unnamed: all.filter((component) => textAt(component, "type") === "library" && textAt(component, "purl") === "")
      .length,
  };
}

function* nested(parent: unknown, depth: number): Generator<unknown> {
  for (const component of listAt(parent, "components")) yield* everyComponent(component, depth);
}

function* everyComponent(component: unknown, depth: number): Generator<unknown> {
  if (!isFields(component) || depth > maxDepth) return;
  yield component;
  yield* nested(component, depth + 1);
}

function toComponent(component: unknown): SbomComponent {
  const licenses = listAt(component, "licenses").map(
    (entry) => textAt(entry, "expression") || textAt(entry, "license", "id") || textAt(entry, "license", "name"),
  );
  return {
    purl: textAt(component, "purl"),
    license: licenses.filter((text) => text !== "").join(" AND "),
    vendor: textAt(component, "supplier", "name") || textAt(component, "publisher"),
    sourceName: propertyOf(component, sourceNames),
    sourceVersion: propertyOf(component, sourceVersions),
    evidence: textAt(listAt(component, "evidence", "occurrences")[0], "location") || propertyOf(component, locations),
  };
}

/** Ours, and those of tools that say it in properties rather than in the package URL. */
const sourceNames: readonly string[] = ["plimsoll:source-name", "aquasecurity:trivy:SrcName", "syft:metadata:source"];
const sourceVersions: readonly string[] = [
  "plimsoll:source-version",
  "aquasecurity:trivy:SrcVersion",
  "syft:metadata:sourceVersion",
];
const locations: readonly string[] = ["syft:location:0:path", "aquasecurity:trivy:FilePath"];

function propertyOf(component: unknown, names: readonly string[]): string {
  const properties = listAt(component, "properties");
  const found = names.map((name) => properties.find((property) => textAt(property, "name") === name));
  return textAt(
    found.find((property) => property !== undefined),
    "value",
  );
}

function distributionOf(component: unknown): Distribution {
  const id = textAt(component, "name").toLowerCase();
  const version = textAt(component, "version");
  return { id, version, codename: "", prettyName: textAt(component, "description") };
}
