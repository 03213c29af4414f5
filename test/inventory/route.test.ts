// The router answers as if it asked every cataloger in turn.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Cataloger, Reads } from "../../src/inventory/cataloger.ts";
import { catalogers } from "../../src/inventory/catalogers.generated.ts";
import { createRouter } from "../../src/inventory/route.ts";

const elf = Buffer.from("\x7fELF\x02\x01", "latin1");
const text = Buffer.from("text");

function wants({ reads }: Cataloger, path: string, head: Uint8Array): boolean {
  const name = path.split("/").at(-1) ?? "";
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : undefined;
  return (
    (reads.paths ?? []).includes(path) ||
    (reads.directories ?? []).some((directory) => directory === folder) ||
    (reads.baseNames ?? []).includes(name) ||
    (reads.suffixes ?? []).some((suffix) => name.toLowerCase().endsWith(suffix)) ||
    (reads.executables === true && Buffer.from(head.subarray(0, 4)).equals(elf.subarray(0, 4)))
  );
}

test("a path goes to exactly the catalogers that want it", () => {
  const router = createRouter(catalogers);
  const known = catalogers.flatMap(({ reads }: { readonly reads: Reads }) => [
    ...(reads.paths ?? []),
    ...(reads.directories ?? []).flatMap((directory) => [
      directory,
      `${directory}/x`,
      `${directory}/x/y`,
      `a/${directory}/x`,
    ]),
    ...(reads.baseNames ?? []).flatMap((name) => [name, `app/${name}`, `app/x${name}`, `${name}/x`]),
    ...(reads.suffixes ?? []).flatMap((suffix) => [
      suffix,
      `a${suffix}`,
      `a/B${suffix.toUpperCase()}`,
      `a${suffix}/x`,
      `x${suffix}.txt`,
    ]),
  ]);
  const part = fc.constantFrom(
    "usr",
    "lib",
    "app",
    ".jar",
    "x.JAR",
    "a.deps.json",
    "package.json",
    "status.d",
    "",
    ".",
    "é.war",
  );
  const anyPath = fc.oneof(
    fc.constantFrom(...known),
    fc.array(part, { maxLength: 6 }).map((parts) => parts.join("/")),
    fc.string(),
  );
  fc.assert(
    fc.property(anyPath, fc.constantFrom(elf, text, new Uint8Array()), (path, head) => {
      const expected = catalogers.filter((cataloger) => wants(cataloger, path, head)).map(({ name }) => name);
      assert.deepEqual(
        router
          .route(path, head)
          .map(({ name }) => name)
          .toSorted(),
        expected.toSorted(),
      );
    }),
    { numRuns: 3000, seed: 3 },
  );
});

test("every file that a cataloger names is routed, and a miss is always the same empty list", () => {
  const router = createRouter(catalogers);
  assert.equal(router.route("usr/share/doc/a/copyright", text), router.route("usr/bin/env", text));
  assert.deepEqual(
    ["var/lib/dpkg/status", "opt/App.WAR", "a/b/METADATA", "var/lib/dpkg/info/a.list"].map((path) =>
      router.route(path, text).map(({ name }) => name),
    ),
    [["dpkg"], ["java-archive"], ["python-installed"], ["dpkg"]],
  );
});
