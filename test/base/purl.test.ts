// Package URLs, as the specification and its examples write them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { purlOf } from "../../src/base/purl.ts";
import type { Distribution, Ecosystem, Package } from "../../src/model/package.ts";

const bookworm: Distribution = { id: "debian", version: "12", codename: "bookworm", prettyName: "" };

function a(ecosystem: Ecosystem, name: string, version: string, more: Partial<Package> = {}): Package {
  return {
    ...{ ecosystem, name, version, architecture: "", sourceName: name, sourceVersion: version, license: "" },
    ...{ vendor: "", module: "", evidence: "x", linked: [], isInstalled: true, ...more },
  };
}

test("every ecosystem has its own spelling", () => {
  const items: readonly Package[] = [
    a("npm", "lodash", "4.17.4"),
    a("npm", "@angular/animation", "12.3.1"),
    a("pypi", "zope-interface", "5.4.0"),
    a("go", "github.com/Azure/go-autorest", "v1.0.0+incompatible"),
    a("go", "stdlib", "1.22.5"),
    a("maven", "org.apache.logging.log4j:log4j-core", "2.14.1"),
    a("maven", "mystery", "1"),
    a("gem", "rack", "2.2.3"),
    a("composer", "symfony/http-kernel", "v5.4.0"),
    a("nuget", "newtonsoft.json", "13.0.1"),
    a("cargo", "time", "0.1.43"),
    a("generic", "openssl", "1.1.1w"),
    a("generic", "odd", ""),
  ];
  assert.deepEqual(
    items.map((item) => purlOf(item, bookworm)),
    [
      "pkg:npm/lodash@4.17.4",
      "pkg:npm/%40angular/animation@12.3.1",
      "pkg:pypi/zope-interface@5.4.0",
      "pkg:golang/github.com/azure/go-autorest@v1.0.0%2Bincompatible",
      "pkg:golang/stdlib@1.22.5",
      "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
      "pkg:maven/mystery@1",
      "pkg:gem/rack@2.2.3",
      "pkg:composer/symfony/http-kernel@v5.4.0",
      "pkg:nuget/newtonsoft.json@13.0.1",
      "pkg:cargo/time@0.1.43",
      "pkg:generic/openssl@1.1.1w",
      "pkg:generic/odd",
    ],
  );
});

test("a distribution's package tells whose it is, for which machine, and from which source", () => {
  const libc = a("deb", "libc6", "2.36-9+deb12u14", { architecture: "amd64", sourceName: "glibc" });
  const bash = a("deb", "bash", "5.2.15-2+b13", { architecture: "amd64", sourceVersion: "5.2.15-2" });
  const passwd = a("deb", "passwd", "1:4.13-1", { architecture: "all" });
  const curl = a("apk", "curl", "7.83.0-r0", { architecture: "x86_64" });
  const node = a("rpm", "nodejs", "1:18.20.4-1.el8", { architecture: "x86_64", module: "nodejs:18:8100:4891" });
  const alpine: Distribution = { id: "alpine", version: "3.16.2", codename: "", prettyName: "" };
  const rhel: Distribution = { id: "rhel", version: "8.10", codename: "", prettyName: "" };
  assert.deepEqual(
    [
      ...[libc, bash, passwd].map((item) => purlOf(item, bookworm)),
      ...[purlOf(curl, alpine), purlOf(node, rhel), purlOf(curl, undefined)],
    ],
    [
      "pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64&distro=debian-12&upstream=glibc",
      "pkg:deb/debian/bash@5.2.15-2%2Bb13?arch=amd64&distro=debian-12&upstream=bash%405.2.15-2",
      "pkg:deb/debian/passwd@1:4.13-1?arch=all&distro=debian-12",
      "pkg:apk/alpine/curl@7.83.0-r0?arch=x86_64&distro=alpine-3.16.2",
      "pkg:rpm/redhat/nodejs@18.20.4-1.el8?arch=x86_64&distro=rhel-8.10&epoch=1&rpmmod=nodejs:18:8100:4891",
      "pkg:apk/curl@7.83.0-r0?arch=x86_64",
    ],
  );
});

test("text that would end a part of the URL is written as its bytes, even half a character", () => {
  assert.equal(
    purlOf(a("npm", "a?b#c/d(e)*\ud800", "1/2 3"), undefined),
    "pkg:npm/a%3Fb%23c/d%28e%29%2A%EF%BF%BD@1%2F2%203",
  );
});
