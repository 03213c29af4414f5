// Go programs: the modules they were built from, the standard library among them, each with the packages that are really linked.
// Source: see go/build-info.ts and go/linked-packages.ts.

import type { CatalogResult, Package } from "../../model/package.ts";
import type { Cataloger, CatalogFile, LargeFile } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { isElf, readElf } from "../elf.ts";
import { maxProgramBytes } from "../executable.ts";
import { type GoBuildInfo, type GoModule, readBuildInfo } from "../go/build-info.ts";
import { readLinkedPackages } from "../go/linked-packages.ts";
import { standardLibraryVersion } from "../go/standard-library.ts";
import { nothing } from "../lock-files.ts";
import { makePackage } from "../make-package.ts";

export const goBinary: Cataloger = {
  name: "go-binary",
  summary: "Go programs: their modules and the packages that are linked",
  needs: {},
  version: 1,
  reads: { executables: true },
  maxBytes: maxProgramBytes,
  catalog: (file) => catalogProgram(file),
  catalogLarge: (file) => catalogProgram(file),
};

function catalogProgram({ path, content }: CatalogFile | LargeFile): CatalogResult {
  if (!isElf(content)) return nothing;
  const program = readElf(content);
  const info = readBuildInfo(program);
  return info === undefined ? nothing : toResult(path, info, readLinkedPackages(program));
}

function toResult(path: string, info: GoBuildInfo, linked: ReadonlySet<string>): CatalogResult {
  const modules = [...info.dependencies, ...(info.main === undefined ? [] : [info.main])];
  const byModule = groupByModule(linked, modules);
  const found = new Collection(path);
  for (const module of info.dependencies) found.add(dependency(module, path, byModule));
  if (info.main !== undefined) found.add(goPackage(info.main, path, byModule.get(info.main.path) ?? []));
  const version = standardLibraryVersion(info.toolchain);
  if (version === "") found.addProblem(`built by ${JSON.stringify(info.toolchain.slice(0, 80))}, an unknown release`);
  found.add(goPackage({ path: "stdlib", version }, path, byModule.get("stdlib") ?? []));
  return found.result();
}

/** A module that stands in for another is imported by the other's name, so what is linked of it cannot be told. */
function dependency(module: GoModule, evidence: string, byModule: ReadonlyMap<string, readonly string[]>): Package {
  const linked = byModule.get(module.path) ?? [];
  const isUnlinked = byModule.size > 0 && linked.length === 0 && module.isSubstitute !== true;
  return { ...goPackage(module, evidence, linked), ...(isUnlinked && { isUnlinked }) };
}

function goPackage({ path: name, version }: GoModule, evidence: string, linked: readonly string[]): Package {
  return makePackage({ ecosystem: "go", name, version, evidence, linked });
}

/** Each import path belongs to the module with the longest path above it; those whose first part has no dot to the standard library. */
function groupByModule(
  linked: ReadonlySet<string>,
  modules: readonly GoModule[],
): ReadonlyMap<string, readonly string[]> {
  const known = new Set(modules.map(({ path }) => path));
  const groups = new Map<string, string[]>();
  for (const path of [...linked].sort()) {
    const owner = moduleOf(path, known);
    const group = groups.get(owner);
    if (group === undefined) groups.set(owner, [path]);
    else group.push(path);
  }
  return groups;
}

function moduleOf(path: string, known: ReadonlySet<string>): string {
  for (let above = path; above !== ""; above = above.slice(0, Math.max(0, above.lastIndexOf("/")))) {
    if (known.has(above)) return above;
  }
  return (path.split("/", 1)[0] ?? "").includes(".") ? "" : "stdlib";
}
