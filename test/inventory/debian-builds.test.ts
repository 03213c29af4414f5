// Which Debian packages are the distribution's own, by what their records say.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isThirdPartyBuild } from "../../src/inventory/debian-builds.ts";

function isForeign(fields: Readonly<Record<string, string>>): boolean {
  return isThirdPartyBuild(new Map(Object.entries(fields)));
}

test("people and teams of Debian and Ubuntu build for the distribution, whatever their address", () => {
  const official = [
    "GNU Libc Maintainers <debian-glibc@lists.debian.org>",
    "Debian Javascript Maintainers <pkg-javascript-devel@alioth-lists.debian.net>",
    "Debian Python Team <team+python@tracker.debian.org>",
    "Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>",
    "Anibal Monsalve Salazar <anibal@somewhere.example>",
    "Sarah Connor <sarah.connor.uk@googlemail.com>",
  ];
  assert.deepEqual(
    official.filter((maintainer) => isForeign({ maintainer, version: "1.0-1" })),
    [],
  );
});

test("vendors' archives, packages made by fpm, and rebuilt versions are somebody else's", () => {
  const records = [
    { maintainer: "NodeSource Support <support@nodesource.com>", version: "20.20.2-1nodesource1" },
    { maintainer: "Docker <support@docker.com>", version: "5:24.0.5-1~debian.12~bookworm" },
    { maintainer: "GitHub", version: "2.40.0" },
    { maintainer: "Microsoft <nugetaspnet@microsoft.com>", version: "8.0.1-1" },
    { maintainer: "Somebody <root@build-host>", version: "1.0", vendor: "Somebody", license: "MIT" },
    { maintainer: "Debian PostgreSQL Maintainers <team+postgresql@tracker.debian.org>", version: "16.3-1.pgdg120+1" },
  ];
  assert.deepEqual(
    records.filter((record) => !isForeign(record)),
    [],
  );
});

test("an address that only looks like Debian's is not Debian's", () => {
  const maintainer = "A <a@debian.org.evil.example>";
  assert.equal(isForeign({ maintainer, version: "1.0", vendor: "x" }), true);
});
