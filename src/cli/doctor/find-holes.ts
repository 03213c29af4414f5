// Known holes of one engine, from its own answer to GET /version and Debian's list of packages.

import { readFileSync } from "node:fs";
import { listAt, textAt } from "../../base/reading.ts";
import { compareVersions, hasHole, knownHoles } from "./known-holes.ts";
import type { FoundHole } from "./report.ts";

/** First API version without the calls that take host settings at start. */
const safeApiVersion = "1.24";

export function findHoles(version: unknown, packages: ReadonlyMap<string, string>): readonly FoundHole[] {
  const found = listAt(version, "Components").flatMap((component) => componentHoles(component, packages));
  const engine = `engine ${textAt(version, "Version")}`;
  return [...found, ...oldApi(engine, textAt(version, "MinAPIVersion"))];
}

function componentHoles(component: unknown, packages: ReadonlyMap<string, string>): readonly FoundHole[] {
  const name = textAt(component, "Name");
  const version = textAt(component, "Version");
  return knownHoles
    .filter((hole) => hole.component === name && hasHole(hole, version, packageOf(name, version, packages)))
    .map(({ id, summary, closedBy, source }) => ({
      ...{ id, component: `${name === "Engine" ? "docker" : name} ${version}`, summary, closedBy, source },
    }));
}

/** Debian's package, when it is the one that answers: its version starts with the reported one. */
function packageOf(name: string, version: string, packages: ReadonlyMap<string, string>): string {
  const found = packages.get(name === "Engine" ? "docker.io" : name) ?? "";
  return found.startsWith(`${version}-`) ? found : "";
}

function oldApi(component: string, minApiVersion: string): readonly FoundHole[] {
  if (minApiVersion === "" || compareVersions(minApiVersion, safeApiVersion) >= 0) return [];
  return [
    {
      id: "api-before-1.24",
      component,
      summary: `API ${minApiVersion} is accepted: containers take host settings at their start, past their creation`,
      closedBy: "the gate speaks 1.24 and later only",
      source: "https://docs.docker.com/engine/deprecated/#deprecate-legacy-api-versions",
    },
  ];
}

/** Source: dpkg(1), the status database: paragraphs with `Package:`, `Status:` and `Version:`. */
export function readDebianPackages(file: string = "/var/lib/dpkg/status"): ReadonlyMap<string, string> {
  const wanted = new Set(["docker.io", "runc", "containerd", "podman"]);
  const packages = new Map<string, string>();
  for (const paragraph of readText(file).split("\n\n")) {
    const name = /^Package: (\S+)$/m.exec(paragraph)?.[1] ?? "";
    const version = /^Version: (\S+)$/m.exec(paragraph)?.[1];
    if (wanted.has(name) && version !== undefined && /^Status: install ok installed$/m.test(paragraph)) {
      packages.set(name, version);
    }
  }
  return packages;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // no Debian
  }
}
