// Java libraries: jars, and what lies inside wars, ears and executable jars, to any depth that is allowed.
// Source: see java/coordinates.ts; JAR File Specification (Java 21); Spring Boot, "The Executable Jar Format" (nested jars).

import { limitExceeded, PlimsollError } from "../../base/errors.ts";
import type { CatalogResult } from "../../model/package.ts";
import type { FileBytes } from "../bytes.ts";
import type { Cataloger, CatalogFile, LargeFile } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { type Coordinates, guessCoordinates, isNamedAfter, readPomProperties } from "../java/coordinates.ts";
import { type Manifest, readManifest } from "../java/manifest.ts";
import { makePackage } from "../make-package.ts";
import { baseName } from "../text.ts";
import { locateZipEntry, readZip, readZipEntry, type Zip, type ZipBudget } from "../zip.ts";

export const javaArchive: Cataloger = {
  name: "java-archive",
  summary: "Java libraries (jar, war, ear), nested ones too",
  needs: {},
  version: 1,
  reads: { suffixes: [".jar", ".war", ".ear", ".par", ".sar", ".nar", ".kar", ".jpi", ".hpi"] },
  maxBytes: 2 * 1024 * 1024 * 1024,
  catalog: (file) => catalogArchive(file),
  catalogLarge: (file) => catalogArchive(file),
};

const maxDepth = 6;
/** Of nested archives that are compressed: of all that are open at one time. */
const maxNestedBytes = 96 * 1024 * 1024;
const maxTextBytes = 1024 * 1024;
const isArchive = /\.(?:jar|war|ear|par|sar|nar|kar|jpi|hpi)$/i;
const isPom = /(?:^|\/)META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$/;

type Archive = {
  readonly bytes: FileBytes;
  /** `app.war!/WEB-INF/lib/x.jar` */
  readonly path: string;
  readonly depth: number;
};

/** What may still be held in memory at one time, beside what may be read in all. */
type Budget = ZipBudget & { held: number };

function catalogArchive({ path, content }: CatalogFile | LargeFile): CatalogResult {
  const found = new Collection(path);
  const most = { bytes: 512 * 1024 * 1024, stored: 4 * 1024 * 1024 * 1024, entries: 2_000_000, held: maxNestedBytes };
  readArchive({ bytes: content, path, depth: 0 }, most, found);
  return found.result();
}

function readArchive(archive: Archive, budget: Budget, found: Collection): void {
  const { path, depth } = archive;
  if (depth > maxDepth) throw limitExceeded(path, `archives nested deeper than ${maxDepth}`);
  const zip = readZip(archive.bytes, budget, (name) => isPom.test(name) || isManifest(name) || isArchive.test(name));
  const poms: Coordinates[] = [];
  let manifest: Manifest = new Map();
  for (const entry of zip.entries) {
    const read = (maxBytes: number): Uint8Array => readZipEntry(zip, entry, maxBytes, budget);
    if (isPom.test(entry.name)) poms.push(...toList(readPomProperties(read(maxTextBytes))));
    else if (isManifest(entry.name)) manifest = readManifest(read(maxTextBytes));
  }
  for (const item of withOwn(baseName(path), poms, manifest)) add(item, path, found);
  for (const entry of zip.entries) {
    if (isArchive.test(entry.name)) readNested(archive, zip, entry, budget, found);
  }
}

function isManifest(name: string): boolean {
  return name.toUpperCase() === "META-INF/MANIFEST.MF";
}

/** A nested archive that is broken or too large is told; the others are read all the same. */
function readNested(outer: Archive, zip: Zip, entry: Zip["entries"][number], budget: Budget, found: Collection): void {
  const path = `${outer.path}!/${entry.name}`;
  const before = budget.held;
  try {
    const bytes = locateZipEntry(zip, entry, budget) ?? readZipEntry(zip, entry, budget.held, budget);
    if (bytes instanceof Uint8Array) budget.held -= bytes.length;
    readArchive({ bytes, path, depth: outer.depth + 1 }, budget, found);
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    found.addProblem(`${path.slice(-300)}: ${thrown.message}`);
  } finally {
    budget.held = before;
  }
}

function toList(pom: Coordinates | undefined): readonly Coordinates[] {
  return pom === undefined ? [] : [pom];
}

/** Poms of libraries that were packed into this archive stand beside its own; when its own is missing, it is guessed. */
function withOwn(fileName: string, poms: readonly Coordinates[], manifest: Manifest): readonly Coordinates[] {
  if (poms.some((pom) => isNamedAfter(fileName, pom))) return poms;
  const own = guessCoordinates(fileName, manifest);
  const isKnown = poms.some((pom) => pom.artifact === own?.artifact);
  return own === undefined || isKnown ? poms : [...poms, own];
}

function add({ group, artifact, version }: Coordinates, evidence: string, found: Collection): void {
  const name = group === "" ? artifact : `${group}:${artifact}`;
  found.add(makePackage({ ecosystem: "maven", name, version, evidence }));
}
