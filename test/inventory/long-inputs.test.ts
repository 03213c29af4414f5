// Long inputs of one sort, on which a pattern that tries too much, or a search that starts anew each time, would not come to an end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import { buildInventory } from "../../src/inventory/build-inventory.ts";
import { apk } from "../../src/inventory/catalogers/apk.ts";
import { dpkg } from "../../src/inventory/catalogers/dpkg.ts";
import { catalogers } from "../../src/inventory/catalogers.generated.ts";
import { makePackage } from "../../src/inventory/make-package.ts";
import { pathsOf } from "./fixture-cases.ts";

const elf = Buffer.from("\x7fELF\x02\x01\x01\0", "latin1");
const pieces: readonly string[] = [
  ...["a", " ", "\t", "\n", "-", "1", ".", ":", "=", '"', "'", "\\", "/", "(", "[", "{", "}", ",", "\0", "\xff"],
  ...[
    "-1",
    "1.",
    "a-",
    "a.",
    "1.2.3\0",
    "\0" + "1.2.3",
    "\0" + "3.11.",
    "[]",
    '{"a":',
    '["',
    "a: ",
    " a",
    "  a:\n",
    "a==1 ",
  ],
  ...[
    "[[package]]\n",
    'name = "a"\n',
    "Package: a\n",
    "Package: a\nVersion: 1\n\n",
    "P:a\nV:1\n\n",
    "F:a\nR:b\n",
    "    a (1)\n",
  ],
  ...[
    "GEM\n    a (1)\n",
    "packages:\n  a@1:\n",
    "a@1:\n  version 1\n",
    "require (\na v1\n",
    "PK\x05\x06",
    "PK\x01\x02",
    "# stub: ",
  ],
  ...[
    "BusyBox v",
    "OpenSSL ",
    "libcurl/1.",
    "ruby 1.1.1p",
    "/perl/5.",
    ", released ",
    "-MariaDB",
    "\xff Go buildinf:\x08\x02",
  ],
  ...["SQLite format 3\0", "Slot", "-X main.version=", "{vsn,", 'JAVA_VERSION="1', " 1.1.1-1.1.1-", "node_modules/"],
];

for (const cataloger of catalogers) {
  test(`${cataloger.name} comes to an end on long inputs of one sort`, { timeout: 120_000 }, () => {
    for (const path of pathsOf(cataloger).slice(0, 6)) {
      for (const piece of pieces) {
        const content = Buffer.from(piece.repeat(Math.ceil(80_000 / piece.length)), "latin1");
        for (const bytes of [content, Buffer.concat([elf, content])])
          tryCatalog(() => cataloger.catalog({ path, content: bytes }));
      }
    }
  });
}

test("a list of packages that somebody else built is looked up, not searched for each of them", {
  timeout: 120_000,
}, () => {
  const names = Array.from({ length: 80_000 }, (_, at) => `made-by-somebody-else-${at}`);
  const packages = names.map((name) => makePackage({ ecosystem: "deb", name, version: "1", evidence: "status" }));
  const result = { packages, owned: [], thirdParty: names };
  const standing = [{ path: "var/lib/dpkg/status", layer: 0, cataloger: "dpkg", result }];
  const inventory = buildInventory({ standing, covered: [], problems: [] });
  assert.equal(inventory.packages.filter(({ isForeignBuild }) => isForeignBuild === true).length, names.length);
});

test("millions of broken records are one broken file", () => {
  const problems = [
    apk.catalog({ path: "lib/apk/db/installed", content: Buffer.from("m:\n\n".repeat(1_000_000)) }),
    dpkg.catalog({ path: "var/lib/dpkg/status", content: Buffer.from("Version: 1\n\n".repeat(1_000_000)) }),
  ].map((result) => result.problems?.slice(-2));
  assert.deepEqual(problems, [
    ['a record without name (P:) or version (V:): ""', "and 999980 more of this kind"],
    ['a record without name or version: ""', "and 999980 more of this kind"],
  ]);
});

function tryCatalog(catalog: () => unknown): void {
  try {
    catalog();
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError) || !/^(?:MALFORMED_INPUT|LIMIT_EXCEEDED)$/.test(thrown.code)) throw thrown;
  }
}
