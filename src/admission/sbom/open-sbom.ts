// A file that is an SBOM -> what a scan knows of an image: packages, without layers and bytes.

import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { errorText, limitExceeded, malformed, PlimsollError } from "../../base/errors.ts";
import { decodeJson } from "../../base/json.ts";
import { textAt } from "../../base/reading.ts";
import type { ImageDescription } from "../../model/image.ts";
import type { Distribution, FileProblem, LocatedPackage } from "../../model/package.ts";
import type { ImageContents } from "../merge/image-contents.ts";
import { readCyclonedx } from "./read-cyclonedx.ts";
import { type ReadComponent, readComponent, type SbomComponent } from "./read-package.ts";
import { readSpdx } from "./read-spdx.ts";
import type { SbomDocument } from "./sbom-document.ts";

export type OpenedSbom = { readonly description: ImageDescription; readonly contents: ImageContents };

const maxBytes = 256 * 1024 * 1024;
const maxComponents = 500_000;
const maxProblems = 100;

/** @returns undefined when the subject is no JSON file @throws PlimsollError MALFORMED_INPUT for JSON that is no SBOM, LIMIT_EXCEEDED */
export function openSbom(subject: string): OpenedSbom | undefined {
  const bytes = readJsonFile(subject);
  if (bytes === undefined) return undefined;
  const document = readDocument(decodeJson(bytes, { maxBytes, maxDepth: 128, duplicates: "exact" }), subject);
  if (document.components.length > maxComponents)
    throw limitExceeded(subject, `${document.components.length} components, at most ${maxComponents}`);
  return { description: describe(subject, document), contents: toContents(document, basename(subject)) };
}

/** Only what begins like an object is read: an archive may be called anything. */
function readJsonFile(subject: string): Uint8Array | undefined {
  try {
    const found = statSync(subject);
    if (!found.isFile() || !/\.(?:json|cdx|spdx|bom)$/i.test(subject)) return undefined;
    if (found.size > maxBytes) throw limitExceeded(subject, `${found.size} bytes, at most ${maxBytes}`);
    return readFileSync(subject);
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    if (thrown instanceof Error && "code" in thrown && (thrown.code === "ENOENT" || thrown.code === "ENOTDIR"))
      return undefined;
    throw malformed(subject, errorText(thrown));
  }
}

function readDocument(document: unknown, subject: string): SbomDocument {
  if (textAt(document, "bomFormat") === "CycloneDX") return readCyclonedx(document);
  if (/^SPDX-2\.[23]$/.test(textAt(document, "spdxVersion"))) return readSpdx(document);
  throw new PlimsollError("MALFORMED_INPUT", `${subject}: expected a CycloneDX or SPDX 2 document`, {
    hint: "write the SBOM as CycloneDX JSON or SPDX 2.3 JSON",
  });
}

function toContents(document: SbomDocument, file: string): ImageContents {
  const problems: FileProblem[] = [];
  const problem = (what: string): void => {
    if (problems.length < maxProblems) problems.push({ path: file, plugin: "sbom", what });
  };
  const read = document.components.flatMap((component) => tryRead(component, problem));
  const packages: readonly LocatedPackage[] = read.map(({ found }) => found);
  if (document.unnamed > 0) problem(`${document.unnamed} packages without a package URL, which no advisory can name`);
  return {
    layers: [],
    inventory: { distribution: document.distribution ?? mostNamed(read), packages, problems },
    findings: [],
  };
}

function tryRead(component: SbomComponent, problem: (what: string) => void): readonly ReadComponent[] {
  try {
    const read = readComponent(component);
    return read === undefined ? [] : [read];
  } catch (thrown) {
    problem(errorText(thrown));
    return [];
  }
}

/** Each package says where it is from; one image has one distribution. */
function mostNamed(read: readonly ReadComponent[]): Distribution | undefined {
  const groups = Map.groupBy(
    read.flatMap(({ distribution }) => (distribution === undefined ? [] : [distribution])),
    ({ id, version }) => `${id} ${version}`,
  );
  return [...groups.values()].toSorted((left, right) => right.length - left.length)[0]?.[0];
}

function describe(subject: string, { name, created }: SbomDocument): ImageDescription {
  return {
    subject,
    source: "sbom",
    names: name === "" ? [] : [name],
    indexDigest: "",
    manifestDigest: "",
    configDigest: "",
    config: {
      platform: { os: "", architecture: "", variant: "" },
      created,
      ...{ user: "", workingDirectory: "", stopSignal: "", healthcheckInterval: 0, labels: {} },
      ...{ env: [], entrypoint: [], command: [], exposedPorts: [], volumes: [], onBuild: [], healthcheck: [] },
      ...{ diffIds: [], history: [] },
    },
    layers: [],
  };
}
