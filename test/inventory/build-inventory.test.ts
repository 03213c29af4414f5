// From what files told to one inventory: who answers for a package, which layer brought it in, which distribution it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { buildInventory } from "../../src/inventory/build-inventory.ts";
import { makePackage } from "../../src/inventory/make-package.ts";
import type { CatalogResult, FoundResult, Package } from "../../src/model/package.ts";

const status = "var/lib/dpkg/status";
const list = "var/lib/dpkg/info/node-semver.list";
const manifest = "usr/share/nodejs/semver/package.json";
const deb = (name: string, version = "1-1"): Package =>
  makePackage({ ecosystem: "deb", name, version, evidence: status });
const npm = (name: string, evidence: string): Package =>
  makePackage({ ecosystem: "npm", name, version: "7.3.5", evidence });

function found(path: string, layer: number, result: Partial<CatalogResult>): FoundResult {
  return { path, layer, cataloger: "any", result: { packages: [], owned: [], ...result } };
}

const distribution = (id: string) => ({ id, version: "1", codename: "", prettyName: id });
const debian = found("etc/os-release", 0, { distribution: distribution("debian") });
const alpine = found("etc/os-release", 0, { distribution: distribution("alpine") });
const musl = makePackage({ ecosystem: "apk", name: "musl", version: "1", evidence: "lib/apk/db/installed" });

function verdictOf(...standing: readonly FoundResult[]): unknown {
  const inventory = buildInventory({ standing, covered: [], problems: [] });
  return inventory.packages.filter(({ ecosystem }) => ecosystem === "npm").map((item) => item.isOwnedByDistribution);
}

test("a language package whose file a distribution package brought is judged by the distribution", () => {
  const owner = found(list, 0, { owned: [manifest], owner: "node-semver" });
  const installed = found(status, 0, { packages: [deb("node-semver")] });
  const inner = found(manifest, 0, { packages: [npm("semver", manifest)] });
  assert.deepEqual(
    {
      owned: verdictOf(debian, owner, installed, inner),
      copyElsewhere: verdictOf(
        debian,
        owner,
        installed,
        found("app/package.json", 0, { packages: [npm("semver", "app/package.json")] }),
      ),
      builtByOthers: verdictOf(
        debian,
        owner,
        found(status, 0, { packages: [deb("node-semver")], thirdParty: ["node-semver"] }),
        inner,
      ),
      listWithoutPackage: verdictOf(debian, owner, inner),
      overwrittenLater: verdictOf(
        debian,
        owner,
        installed,
        found(manifest, 1, { packages: [npm("semver", manifest)] }),
      ),
    },
    {
      owned: [true],
      copyElsewhere: [false],
      builtByOthers: [false],
      listWithoutPackage: [false],
      overwrittenLater: [false],
    },
  );
});

test("a jar inside an owned jar is owned, and lib is the same as usr/lib", () => {
  const owned = found("lib/apk/db/installed", 0, { packages: [musl], owned: ["usr/share/java/a.jar", "lib/x/tool"] });
  const inJar = found("usr/share/java/a.jar", 0, { packages: [npm("b", "usr/share/java/a.jar!/lib/b.jar")] });
  const moved = found("usr/lib/x/tool", 0, { packages: [npm("tool", "usr/lib/x/tool")] });
  assert.deepEqual(verdictOf(alpine, owned, inJar, moved), [true, true]);
});

test("a package database that is not the distribution's own hides nothing", () => {
  const path = "usr/lib/node_modules/x/package.json";
  const forged = found("lib/apk/db/installed", 0, { packages: [musl], owned: [path] });
  const inner = found(path, 0, { packages: [npm("x", path)] });
  const unknown = found("etc/os-release", 0, { distribution: distribution("homebrewed") });
  assert.deepEqual(
    [
      verdictOf(alpine, forged, inner),
      verdictOf(debian, forged, inner),
      verdictOf(unknown, forged, inner),
      verdictOf(forged, inner),
    ],
    [[true], [false], [false], [false]],
  );
});

test("a list that claims the application's own folders, or usr/local, is not believed", () => {
  const paths = [
    "app/node_modules/x/package.json",
    "usr/local/lib/node_modules/x/package.json",
    "opt/rh/x/package.json",
  ];
  const forged = found("lib/apk/db/installed", 0, { packages: [musl], owned: paths });
  const inner = paths.map((path) => found(path, 0, { packages: [npm("x", path)] }));
  assert.deepEqual(verdictOf(alpine, forged, ...inner), [false, true, false]);
});

test("a file that stands under another name is judged, and shown, by where it stands", () => {
  const owned = found("lib/apk/db/installed", 0, { packages: [musl], owned: ["usr/share/java/a.jar"] });
  const moved = found("opt/a.jar", 0, { packages: [npm("b", "usr/share/java/a.jar!/lib/b.jar")] });
  const inventory = buildInventory({ standing: [alpine, owned, moved], covered: [], problems: [] });
  assert.deepEqual(
    inventory.packages
      .filter(({ ecosystem }) => ecosystem === "npm")
      .map(({ evidence, isOwnedByDistribution }) => [evidence, isOwnedByDistribution]),
    [["opt/a.jar!/lib/b.jar", false]],
  );
});

test("evidence in the bytes of a program counts only where the distribution does not know it", () => {
  const openssl = (evidence: string): Package =>
    makePackage({ ecosystem: "generic", name: "openssl", version: "3.0.1", evidence });
  const owned = found("lib/apk/db/installed", 0, { packages: [musl], owned: ["usr/lib/libcrypto.so.3"] });
  const [system, own] = ["usr/lib/libcrypto.so.3", "opt/libcrypto.so.3"].map((path) =>
    found(path, 0, { packages: [openssl(path)] }),
  );
  assert.ok(system !== undefined && own !== undefined);
  const inventory = buildInventory({ standing: [alpine, owned, system, own], covered: [], problems: [] });
  assert.deepEqual(
    inventory.packages.filter(({ ecosystem }) => ecosystem === "generic").map(({ evidence }) => evidence),
    ["opt/libcrypto.so.3"],
  );
});

test("a version belongs to the layer where its unbroken row of database copies begins", () => {
  const covered = [
    found(status, 0, { packages: [deb("libc6"), deb("bash"), deb("gone")] }),
    found(status, 2, { packages: [deb("libc6"), deb("bash", "2-1")] }),
    found(status, 3, { packages: [deb("libc6"), deb("bash", "2-1"), deb("gone")] }),
  ];
  const standing = [found(status, 5, { packages: [deb("libc6"), deb("bash", "2-1"), deb("gone"), deb("curl")] })];
  const inventory = buildInventory({ standing, covered, problems: [] });
  assert.deepEqual(
    inventory.packages.map(({ name, layer }) => [name, layer]),
    [
      ["bash", 2],
      ["curl", 5],
      ["gone", 3],
      ["libc6", 0],
    ],
  );
});

test("the same package from one file counts once, at two places twice, and from a lock file not when it is installed", () => {
  const lock = found("app/package-lock.json", 0, {
    packages: [
      { ...npm("semver", "app/package-lock.json"), isInstalled: false },
      { ...npm("tap", "app/package-lock.json"), isInstalled: false },
    ],
  });
  const one = found("app/node_modules/semver/package.json", 0, {
    packages: [
      npm("semver", "app/node_modules/semver/package.json"),
      npm("semver", "app/node_modules/semver/package.json"),
    ],
  });
  const other = found("b/semver/package.json", 0, { packages: [npm("semver", "b/semver/package.json")] });
  const inventory = buildInventory({ standing: [lock, one, other], covered: [], problems: [] });
  assert.deepEqual(
    inventory.packages.map(({ name, evidence }) => [name, evidence]),
    [
      ["semver", "app/node_modules/semver/package.json"],
      ["semver", "b/semver/package.json"],
      ["tap", "app/package-lock.json"],
    ],
  );
});

test("etc/os-release speaks before usr/lib/os-release, and what a file could not tell is a problem", () => {
  const inventory = buildInventory({
    standing: [
      found("usr/lib/os-release", 4, { distribution: distribution("debian") }),
      found("etc/os-release", 1, { distribution: distribution("mine"), problems: ["a line without sense"] }),
    ],
    covered: [],
    problems: [{ path: "x.jar", plugin: "java", what: "no zip" }],
  });
  assert.deepEqual(
    { id: inventory.distribution?.id, problems: inventory.problems },
    {
      id: "mine",
      problems: [
        { path: "x.jar", plugin: "java", what: "no zip" },
        { path: "etc/os-release", plugin: "any", what: "a line without sense" },
      ],
    },
  );
});
