// SBOMs made by anyone: ours come back as they were, those of other tools are understood, and hostile ones end in an error.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { openSbom } from "../../src/admission/sbom/open-sbom.ts";
import { PlimsollError } from "../../src/base/errors.ts";
import { cyclonedx } from "../../src/report/formats/cyclonedx.ts";
import { spdx } from "../../src/report/formats/spdx.ts";
import { advisory, databaseOf, temporaryFolder } from "../findings/database-of.ts";
import { sample } from "../report/sample.ts";
import { mutated } from "../support/mutated.ts";
import { makeRoom } from "./room.ts";

const plain = { hasColour: false, width: 80, showLayers: false };

function write(t: TestContext, name: string, text: string): string {
  const file = join(temporaryFolder(t), name);
  writeFileSync(file, text);
  return file;
}

for (const format of [cyclonedx, spdx]) {
  test(`our own ${format.name} document says what it was made from`, (t) => {
    const file = write(t, `made${format.extension}`, [...format.render(sample, plain)].join(""));
    const found = openSbom(file);
    const names = (packages: typeof sample.inventory.packages) =>
      packages.map(({ ecosystem, name, version, sourceName, sourceVersion }) => [
        ecosystem,
        name,
        version,
        sourceName,
        sourceVersion,
      ]);
    assert.deepEqual(names(found?.contents.inventory.packages ?? []), names(sample.inventory.packages));
    assert.deepEqual(
      [
        found?.contents.inventory.distribution?.id,
        found?.contents.inventory.distribution?.version,
        found?.description.source,
      ],
      ["debian", "12", "sbom"],
    );
  });
}

const foreign = {
  bomFormat: "CycloneDX",
  specVersion: "1.5",
  metadata: { component: { type: "container", name: "shop", purl: "pkg:oci/shop@sha256:00" } },
  components: [
    { type: "operating-system", name: "alpine", version: "3.19.1" },
    {
      type: "library",
      name: "libssl3",
      version: "3.1.4-r2",
      purl: "pkg:apk/alpine/libssl3@3.1.4-r2?arch=x86_64&distro=3.19.1",
      properties: [
        { name: "aquasecurity:trivy:SrcName", value: "openssl" },
        { name: "aquasecurity:trivy:SrcVersion", value: "3.1.4-r2" },
      ],
    },
    {
      type: "library",
      name: "bash",
      version: "5.2-r0",
      purl: "pkg:apk/alpine/bash@5.2-r0?arch=x86_64&distro=alpine-3.19.1&upstream=bash",
    },
    { type: "library", name: "zlib", version: "1.2.11", purl: "pkg:rpm/redhat/zlib@1.2.11-40.el9?arch=x86_64&epoch=1" },
    { type: "library", group: "@babel", name: "core", version: "7.1.0", purl: "pkg:npm/%40babel/core@7.1.0" },
    { type: "library", name: "no address", version: "1" },
    { type: "library", name: "odd", version: "1", purl: "pkg:swift/example/odd@1" },
    { type: "library", name: "broken", purl: "pkg:npm/%zz@1" },
  ],
};

test("another tool's CycloneDX is judged by today's advisories", async (t) => {
  const file = write(t, "foreign.cdx.json", JSON.stringify(foreign));
  const database = await databaseOf(t, [
    advisory("apk:alpine:3.19", "openssl", "CVE-2024-0727", "3.1.4-r5", { severity: "medium" }),
  ]);
  const { findings, inventory } = await makeRoom(t).scan(file, { database });
  assert.deepEqual(
    {
      findings: findings.map(
        (finding) => finding.kind === "vulnerability" && [finding.id, finding.package, finding.fixedVersion],
      ),
      packages: inventory.packages.map(({ ecosystem, name, version }) => [ecosystem, name, version]),
      problems: inventory.problems.filter(({ plugin }) => plugin === "sbom").length,
    },
    {
      findings: [["CVE-2024-0727", "libssl3", "3.1.4-r5"]],
      packages: [
        ["apk", "libssl3", "3.1.4-r2"],
        ["apk", "bash", "5.2-r0"],
        ["rpm", "zlib", "1:1.2.11-40.el9"],
        ["npm", "@babel/core", "7.1.0"],
      ],
      problems: 2,
    },
  );
});

test("JSON that is no SBOM, and what is no JSON, is an error by code", (t) => {
  for (const text of [
    "{}",
    "[]",
    "null",
    '{"spdxVersion":"SPDX-3.0"}',
    "{",
    '{"bomFormat":"CycloneDX","bomFormat":"x"}',
  ]) {
    assert.throws(
      () => openSbom(write(t, "odd.json", text)),
      (thrown) => thrown instanceof PlimsollError,
      text,
    );
  }
  assert.equal(openSbom("/nowhere/at-all.json"), undefined);
  assert.equal(openSbom(write(t, "image.tar", "{}")), undefined);
});

test("no document of any shape does more than throw an error of ours", (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, "any.json");
  const component = fc.record(
    { type: fc.anything(), purl: fc.oneof(fc.string(), fc.constant("pkg:npm/x@1")), components: fc.anything() },
    { requiredKeys: [] },
  );
  const document = fc.record({
    bomFormat: fc.constant("CycloneDX"),
    components: fc.oneof(fc.array(component, { maxLength: 4 }), fc.anything()),
    metadata: fc.anything(),
  });
  fc.assert(
    fc.property(document, (value) => {
      writeFileSync(
        file,
        JSON.stringify(value, (_, each) => (typeof each === "bigint" ? String(each) : each)),
      );
      try {
        openSbom(file);
      } catch (thrown) {
        assert.ok(thrown instanceof PlimsollError, String(thrown));
      }
    }),
    { numRuns: 200 },
  );
});

test("SBOMs with changed, lost and doubled parts are read or refused with a documented error", (t) => {
  const file = join(temporaryFolder(t), "any.json");
  const texts = [cyclonedx, spdx].map((format) => [...format.render(sample, plain)].join(""));
  for (let seed = 0; seed < 600; seed += 1) {
    writeFileSync(file, mutated(Buffer.from(texts[seed % 2] ?? ""), seed));
    try {
      openSbom(file);
    } catch (thrown) {
      assert.ok(thrown instanceof PlimsollError, `seed ${seed}: ${thrown}`);
    }
  }
});
