// What a Java archive is called in Maven's world. Best is what Maven itself left inside (pom.properties); else manifest and file name tell artifact and
// version, and the group comes from the manifest or from the table of projects whose builds leave no trace of it.
// Source: maven.apache.org, "Maven Archiver" (pom.properties), "Guide to naming conventions"; OSGi Core 7, section 3.2.1 (Bundle-SymbolicName).

import { linesOf, readText } from "../text.ts";
import { groupOfArtifact } from "./known-groups.ts";
import type { Manifest } from "./manifest.ts";

export type Coordinates = {
  /** "" when unknown */
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
};

/** @returns undefined when one of the three is missing */
export function readPomProperties(content: Uint8Array): Coordinates | undefined {
  const values = new Map<string, string>();
  for (const line of linesOf(readText(content), 10_000)) {
    const [, key, value] = /^\s{0,20}(groupId|artifactId|version)\s{0,20}[=:](.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) values.set(key, value.trim());
  }
  const group = values.get("groupId") ?? "";
  const artifact = values.get("artifactId") ?? "";
  const version = values.get("version") ?? "";
  return group === "" || artifact === "" || version === "" ? undefined : { group, artifact, version };
}

/** @param fileName without folder; @returns undefined when neither manifest nor file name tells a version */
export function guessCoordinates(fileName: string, manifest: Manifest): Coordinates | undefined {
  const named = splitFileName(fileName);
  const version =
    named.version ||
    attribute(manifest, "implementation-version", "bundle-version", "specification-version").replace(/ .*$/, "");
  const artifact = named.artifact || attribute(manifest, "implementation-title").replace(/\s.*$/s, "");
  if (artifact === "" || !/^[\w][\w.+~-]*$/.test(version)) return undefined;
  return { group: groupOfArtifact(artifact) || groupOf(manifest, artifact), artifact, version };
}

/** Does an archive of this name hold, as its own, what the pom inside says? Then nothing has to be guessed. */
export function isNamedAfter(fileName: string, { group, artifact }: Coordinates): boolean {
  const stem = stemOf(fileName);
  return [artifact, `${group}.${artifact}`].some((name) => stem === name || stem.startsWith(`${name}-`));
}

/** What follows the last dash before a digit is the version, with the qualifiers that belong to versions; the rest is a classifier. */
function splitFileName(fileName: string): { readonly artifact: string; readonly version: string } {
  const stem = stemOf(fileName);
  const [, artifact = stem, version = ""] = versioned.exec(stem) ?? [];
  return { artifact, version: version.endsWith(".x") ? "" : version };
}

function stemOf(fileName: string): string {
  return fileName.slice(0, 300).replace(/\.[A-Za-z]{2,5}$/, "");
}

const versioned =
  /^(.+)-(\d[\w.+]{0,60}(?:-(?:jre\d{0,2}|android|alpha|beta|rc|cr|m|ea|b|snapshot|incubating|ga|final|release|sp|redhat)[\w.-]{0,40})?)(?:-(?:sources|javadoc|tests?|all|shaded|uber|standalone|nodep|jakarta|jdk\d|linux|osx|windows|native|x86|aarch|bin|dist)[\w.-]{0,60})?$/i;

function attribute(manifest: Manifest, ...names: readonly string[]): string {
  return names.map((name) => manifest.get(name) ?? "").find((value) => value !== "" && !value.includes("${")) ?? "";
}

/** `org.apache.logging.log4j.core` of `log4j-core` -> `org.apache.logging.log4j`. A vendor's id is a group when it looks like one. */
function groupOf(manifest: Manifest, artifact: string): string {
  const vendor = attribute(manifest, "implementation-vendor-id");
  if (dotted.test(vendor) && !tooWide.has(vendor)) return vendor;
  const symbolic = attribute(manifest, "bundle-symbolicname", "automatic-module-name").replace(/;.*$/s, "").trim();
  const last = symbolic.slice(symbolic.lastIndexOf(".") + 1);
  if (!dotted.test(symbolic)) return "";
  if (symbolic.endsWith(`.${artifact}`)) return symbolic.slice(0, -artifact.length - 1);
  return artifact.split("-").at(-1) === last ? symbolic.slice(0, -last.length - 1) : "";
}

const dotted = /^[a-z][\w-]*(?:\.[\w-]+)+$/;

/** Ids of houses with many groups. */
const tooWide: ReadonlySet<string> = new Set(["org.apache", "org.eclipse", "com.sun", "com.google", "com.oracle"]);
