// The same answers as the package managers themselves give, on what is installed here.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fieldsAt, textAt } from "../../src/base/reading.ts";
import { buildInventory } from "../../src/inventory/build-inventory.ts";
import type { Cataloger } from "../../src/inventory/cataloger.ts";
import { dpkg } from "../../src/inventory/catalogers/dpkg.ts";
import { nodeModules } from "../../src/inventory/catalogers/node-modules.ts";
import { pythonInstalled } from "../../src/inventory/catalogers/python-installed.ts";
import { runCatalogers } from "./fixture-cases.ts";

const root = join(import.meta.dirname, "../..");
const status = "/var/lib/dpkg/status";

function namesOf(cataloger: Cataloger, folder: string, paths: readonly string[]): readonly string[] {
  return paths
    .flatMap((path) => cataloger.catalog({ path, content: readFileSync(join(folder, path)) }).packages)
    .map(({ name, version }) => `${name} ${version}`);
}

function sorted(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort();
}

test("dpkg's packages, their sources and builders are what dpkg-query says", {
  skip: existsSync(status) ? false : "no dpkg here",
}, () => {
  const fields = [
    "db:Status-Status",
    "Package",
    "Version",
    "Architecture",
    "source:Package",
    "source:Version",
    "Maintainer",
  ];
  const format = `${fields.map((field) => `\${${field}}`).join("|")}\\n`;
  const said = execFileSync("dpkg-query", ["-W", "-f", format], { encoding: "utf8", maxBuffer: 1 << 28 })
    .split("\n")
    .filter((line) => line !== "" && !/^(?:config-files|not-installed)\|/.test(line))
    .map((line) => line.slice(line.indexOf("|") + 1));
  const { packages, problems } = dpkg.catalog({ path: "var/lib/dpkg/status", content: readFileSync(status) });
  const read = packages.map((item) =>
    [item.name, item.version, item.architecture, item.sourceName, item.sourceVersion, item.vendor].join("|"),
  );
  assert.deepEqual({ read: sorted(read), problems: problems ?? [] }, { read: sorted(said), problems: [] });
});

test("the files of a Debian package are those that dpkg lists", {
  skip: existsSync(status) ? false : "no dpkg here",
}, () => {
  const path = globSync("var/lib/dpkg/info/{libc6:*,libc-bin}.list", { cwd: "/" })[0] ?? "";
  const { owned, owner } = dpkg.catalog({ path, content: readFileSync(`/${path}`) });
  const said = execFileSync("dpkg", ["-L", owner ?? ""], { encoding: "utf8" }).split("\n");
  const files = said.filter((line) => line.startsWith("/") && line !== "/.").map((line) => line.slice(1));
  assert.deepEqual(sorted(owned), sorted(files));
});

const pythonModules = globSync("usr/lib/python3/dist-packages/*-info/{METADATA,PKG-INFO}", { cwd: "/" });
const noModules =
  pythonModules.length > 0 && existsSync(status) ? false : "no Python modules from Debian packages here";

test("Python modules that Debian packages brought are judged by Debian", { skip: noModules }, () => {
  const lists = globSync("var/lib/dpkg/info/*.list", { cwd: "/" });
  const paths = ["var/lib/dpkg/status", "usr/lib/os-release", ...lists, ...pythonModules];
  const files = paths.map((path) => ({ path, content: readFileSync(`/${path}`) }));
  const { packages } = buildInventory({ standing: runCatalogers(files), covered: [], problems: [] });
  const modules = packages.filter(({ ecosystem }) => ecosystem === "pypi");
  assert.deepEqual(
    modules.filter((item) => !item.isOwnedByDistribution).map(({ evidence }) => evidence),
    [],
  );
});

test("npm's packages are those that npm's own record of node_modules holds", () => {
  const record: unknown = JSON.parse(readFileSync(join(root, "node_modules/.package-lock.json"), "utf8"));
  const places = Object.entries(fieldsAt(record, "packages")).filter(([place]) =>
    existsSync(join(root, place, "package.json")),
  );
  const said = places.map(([place, entry]) => {
    const version = textAt(entry, "version");
    return `${place.slice(place.lastIndexOf("node_modules/") + 13)} ${version}`;
  });
  assert.ok(said.length > 5);
  assert.deepEqual(
    sorted(namesOf(nodeModules, root, globSync("node_modules/**/package.json", { cwd: root }))),
    sorted(said),
  );
});

test("Python's packages are those that Python itself finds", () => {
  const program = `
import importlib.metadata as m, json, sys
print(json.dumps([[str(d._path), d.metadata["Name"], d.version] for d in m.distributions() if d.metadata["Name"]]))`;
  const text = execFileSync("python3", ["-c", program], { encoding: "utf8" });
  const found: unknown = JSON.parse(text);
  assert.ok(Array.isArray(found));
  const said = found.map((item: unknown) => {
    const [path, name, version] = Array.isArray(item) ? item.map(String) : [];
    return { path: path ?? "", text: `${(name ?? "").toLowerCase().replace(/[-_.]+/g, "-")} ${version}` };
  });
  const files = said.map(
    ({ path }) => ["METADATA", "PKG-INFO"].map((name) => join(path, name)).find((file) => existsSync(file)) ?? path,
  );
  assert.deepEqual(sorted(namesOf(pythonInstalled, "/", files)), sorted(said.map((item) => item.text)));
});
