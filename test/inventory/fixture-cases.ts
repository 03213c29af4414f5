// The fixtures of catalogers: test/fixtures/catalogers/NAME/CASE/ holds SOURCE, files/ (a small root; `x.zst` stands for the file `x`) and expected.json.
// `node test/inventory/fixture-cases.ts NAME...` writes expected.json anew: look at the difference before it is committed.

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { buildInventory } from "../../src/inventory/build-inventory.ts";
import type { Cataloger } from "../../src/inventory/cataloger.ts";
import { catalogers } from "../../src/inventory/catalogers.generated.ts";
import { createRouter } from "../../src/inventory/route.ts";
import type { FoundResult, Inventory } from "../../src/model/package.ts";

const root = join(import.meta.dirname, "../fixtures/catalogers");

export type FixtureFile = { readonly path: string; readonly content: Uint8Array };
export type FixtureCase = { readonly cataloger: string; readonly name: string; readonly folder: string };

export function fixtureCases(): readonly FixtureCase[] {
  return readdirSync(root).flatMap((cataloger) =>
    readdirSync(join(root, cataloger)).map((name) => ({ cataloger, name, folder: join(root, cataloger, name) })),
  );
}

export function fixtureFiles(folder: string): readonly FixtureFile[] {
  return readdirSync(join(folder, "files"), { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(folder, "files", path)).isFile())
    .sort()
    .map((path) => {
      const bytes = readFileSync(join(folder, "files", path));
      return path.endsWith(".zst")
        ? { path: path.slice(0, -4), content: zstdDecompressSync(bytes) }
        : { path, content: bytes };
    });
}

/** What the catalogers say, each asked for the files that its `reads` name. */
export function runCatalogers(
  files: readonly FixtureFile[],
  chosen: readonly Cataloger[] = catalogers,
): readonly FoundResult[] {
  const router = createRouter(chosen);
  return files.flatMap((file) =>
    router
      .route(file.path, file.content.subarray(0, 512))
      .map((cataloger) => ({ path: file.path, layer: -1, cataloger: cataloger.name, result: cataloger.catalog(file) })),
  );
}

/** As expected.json holds it: what is not known is left out. */
export function outcomeOf({ cataloger, folder }: FixtureCase): unknown {
  const chosen = catalogers.filter(({ name }) => name === cataloger);
  const found = runCatalogers(fixtureFiles(folder), chosen);
  const { distribution, packages, problems }: Inventory = buildInventory({
    standing: found,
    covered: [],
    problems: [],
  });
  const owned = found.flatMap(({ result }) => result.owned);
  const spare = new Set<unknown>(["", false, -1, true]);
  return JSON.parse(
    JSON.stringify({
      distribution,
      packages: packages.map((item) => ({
        ...Object.fromEntries(Object.entries(item).filter(([, value]) => !spare.has(value) && !isEmptyList(value))),
        ...(item.sourceName === item.name && { sourceName: undefined }),
        ...(item.sourceVersion === item.version && { sourceVersion: undefined }),
        ...(!item.isInstalled && { isInstalled: false }),
        ...(item.isOwnedByDistribution && { isOwnedByDistribution: true }),
        ...(item.isForeignBuild && { isForeignBuild: true }),
      })),
      ...(owned.length > 0 && { owned: owned.length, ownedFirst: owned.toSorted().slice(0, 5) }),
      ...(problems.length > 0 && { problems }),
    }),
  );
}

/** A path that the cataloger asks for, of each sort. */
export function pathsOf({ reads }: Cataloger): readonly string[] {
  return [
    ...(reads.paths ?? []),
    ...(reads.directories ?? []).map((directory) => `${directory}/libc6.list`),
    ...(reads.baseNames ?? []).map((name) => `${folderFor(name)}/${name}`),
    ...(reads.suffixes ?? []).map((suffix) => `specifications/x${suffix}`),
    ...(reads.executables === true
      ? ["bash", "haproxy", "libcrypto.so.3", "mysqld", "perl", "python3.11", "redis-server", "ruby"].map(
          (name) => `usr/bin/${name}`,
        )
      : []),
  ];
}

function folderFor(name: string): string {
  if (name === "METADATA") return "a-1.dist-info";
  if (name === "PKG-INFO") return "a-1.egg-info";
  return name === "installed.json" ? "vendor/composer" : name === "package.json" ? "node_modules/a" : "app";
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

if (import.meta.main) {
  for (const fixture of fixtureCases()) {
    if (!process.argv.includes(fixture.cataloger) || !existsSync(join(fixture.folder, "files"))) continue;
    writeFileSync(join(fixture.folder, "expected.json"), `${JSON.stringify(outcomeOf(fixture), undefined, 1)}\n`);
    process.stdout.write(`${fixture.cataloger}/${fixture.name}\n`);
  }
}
