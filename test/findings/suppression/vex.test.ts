// VEX documents in three formats: they set aside exactly what they speak of, and nothing else.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { PlimsollError } from "../../../src/base/errors.ts";
import { matchPackages } from "../../../src/findings/matching/match-packages.ts";
import { suppress } from "../../../src/findings/suppression/suppress.ts";
import type { ImageIdentity } from "../../../src/findings/suppression/vex-scope.ts";
import { readVex } from "../../../src/findings/vex/read-vex.ts";
import { mutated } from "../../support/mutated.ts";
import { advisory, databaseOf, distribution, found, inventory } from "../database-of.ts";

const now = new Date("2026-11-22T00:00:00Z");
const hex = "a".repeat(64);
const digest = `sha256:${hex}`;
const image: ImageIdentity = { digests: [digest], repositories: ["docker.io/library/shop"] };
const noImage: ImageIdentity = { digests: [], repositories: [] };

const bytes = (document: unknown): Uint8Array => Buffer.from(JSON.stringify(document));
const openVex = (...statements: readonly unknown[]): Uint8Array =>
  bytes({ "@context": "https://openvex.dev/ns/v0.2.0", timestamp: "2026-01-01T00:00:00Z", statements });
const notAffected = (products: readonly unknown[], more: object = {}): object => ({
  vulnerability: { name: "CVE-2024-1" },
  status: "not_affected",
  justification: "vulnerable_code_not_in_execute_path",
  products,
  ...more,
});

/** What stays of three findings: CVE-2024-1 in openssl and in the jar, GHSA-2 (CVE-2024-2) in lodash. */
async function remaining(t: TestContext, documents: readonly Uint8Array[], identity: ImageIdentity = image) {
  const database = await databaseOf(t, [
    advisory("deb:debian:12", "openssl", "CVE-2024-1", "9"),
    advisory("maven", "org.example:lib", "CVE-2024-1", "9"),
    advisory("npm", "lodash", "GHSA-2", "9", { aliases: ["CVE-2024-2"] }),
  ]);
  const all = inventory(
    distribution("debian", "12", "bookworm"),
    found("deb", "openssl", "3.0.1-1", { architecture: "amd64" }),
    found("maven", "org.example:app", "1.0", { evidence: "srv/app.war" }),
    found("maven", "org.example:lib", "1.0", { evidence: "srv/app.war!/WEB-INF/lib/lib.jar" }),
    found("npm", "lodash", "4.17.4"),
  );
  const findings = matchPackages(all, database, { now });
  assert.equal(findings.length, 3);
  const statements = documents.flatMap((document, at) => readVex(document, `doc-${at}.json`));
  const result = suppress(findings, { inventory: all, image: identity, statements, ignoreRules: [], now });
  assert.equal(result.findings.length + result.suppressed.length, 3);
  return {
    left: result.findings.map((one) => (one.kind === "vulnerability" ? one.package : "")),
    gone: result.suppressed.map(({ by, status, reason, source }) => [by, status, reason, source].join(" | ")),
  };
}

const everything = ["openssl", "org.example:lib", "lodash"];

test("OpenVEX: a package of that version is set aside, with status, reason and place", async (t) => {
  assert.deepEqual(await remaining(t, [openVex(notAffected([{ "@id": "pkg:deb/debian/openssl@3.0.1-1" }]))]), {
    left: ["org.example:lib", "lodash"],
    gone: ["vex | not_affected | vulnerable_code_not_in_execute_path | doc-0.json, statement 1"],
  });
});

test("OpenVEX: an image by digest, all of it or a part of it", async (t) => {
  const product = { "@id": `pkg:oci/shop@sha256%3A${hex}` };
  const part = { ...product, subcomponents: [{ "@id": "pkg:deb/debian/openssl" }] };
  assert.deepEqual(
    [
      (await remaining(t, [openVex(notAffected([product]))])).left,
      (await remaining(t, [openVex(notAffected([part]))])).left,
      (await remaining(t, [openVex(notAffected([{ "@id": "", hashes: { "sha-256": hex } }]))])).left,
      (await remaining(t, [openVex(notAffected([product]))], noImage)).left,
    ],
    [["lodash"], ["org.example:lib", "lodash"], ["lodash"], everything],
  );
});

test("OpenVEX: a name counts where it is vouched for, a tag never", async (t) => {
  const named = { "@id": "pkg:oci/shop?repository_url=docker.io/library/shop" };
  const tagged = { "@id": "pkg:oci/shop?repository_url=docker.io/library/shop&tag=1.0" };
  const other = { "@id": "pkg:oci/shop?repository_url=docker.io/library/shopping" };
  const left = async (product: object, identity: ImageIdentity) =>
    (await remaining(t, [openVex(notAffected([product]))], identity)).left.length;
  assert.deepEqual(
    [await left(named, image), await left(named, noImage), await left(tagged, image), await left(other, image)],
    [1, 3, 3, 3],
  );
});

test("OpenVEX: a part of a package counts only inside that package", async (t) => {
  const statement = (whole: string) =>
    notAffected([{ "@id": whole, subcomponents: [{ "@id": "pkg:maven/org.example/lib@1.0" }] }]);
  assert.deepEqual(
    [
      (await remaining(t, [openVex(statement("pkg:maven/org.example/app@1.0"))])).left,
      (await remaining(t, [openVex(statement("pkg:npm/lodash@4.17.4"))])).left,
      (await remaining(t, [openVex(statement("pkg:maven/org.example/app@2.0"))])).left,
    ],
    [["openssl", "lodash"], everything, everything],
  );
});

test("what a statement names has to fit exactly: version, distribution, namespace, subpath", async (t) => {
  const purls = [
    "pkg:deb/debian/openssl@3.0.1",
    "pkg:deb/ubuntu/openssl@3.0.1-1",
    "pkg:deb/debian/openssl?arch=arm64",
    "pkg:deb/debian/openssl#usr/lib",
    "pkg:deb/debian/open",
    "openssl",
    "",
  ];
  for (const purl of purls)
    assert.deepEqual((await remaining(t, [openVex(notAffected([{ "@id": purl }]))])).left, everything, purl);
});

test("an alias of a weakness is the weakness", async (t) => {
  const statement = notAffected([{ "@id": "pkg:npm/lodash" }], { vulnerability: { name: "GHSA-2" } });
  assert.deepEqual((await remaining(t, [openVex(statement)])).left, ["openssl", "org.example:lib"]);
});

test("the newest word counts, whatever document it is in", async (t) => {
  const products = [{ "@id": "pkg:deb/debian/openssl" }];
  const earlier = openVex(notAffected(products, { timestamp: "2025-01-01T00:00:00Z" }));
  const later = openVex({
    vulnerability: "CVE-2024-1",
    status: "affected",
    products,
    timestamp: "2025-06-01T00:00:00Z",
  });
  assert.deepEqual(
    [(await remaining(t, [earlier, later])).left, (await remaining(t, [later, earlier])).left],
    [everything, everything],
  );
});

test("under investigation and affected set nothing aside", async (t) => {
  const products = [{ "@id": "pkg:deb/debian/openssl" }];
  for (const status of ["under_investigation", "affected"]) {
    const document = openVex({ vulnerability: { name: "CVE-2024-1" }, status, products });
    assert.deepEqual((await remaining(t, [document])).left, everything);
  }
});

const csafProducts = {
  full_product_names: [
    { product_id: "P1", name: "openssl", product_identification_helper: { purl: "pkg:deb/debian/openssl@3.0.1-1" } },
    { product_id: "IMG", name: "shop", product_identification_helper: { purl: `pkg:oci/shop@sha256%3A${hex}` } },
    { product_id: "NAMELESS", name: "some platform", product_identification_helper: { cpe: "cpe:/o:x:y:1" } },
  ],
  relationships: ["IMG", "NAMELESS"].map((whole) => ({
    category: "default_component_of",
    full_product_name: { product_id: `${whole}:P1`, name: "openssl in it" },
    product_reference: "P1",
    relates_to_product_reference: whole,
  })),
};
const csaf = (productId: string, status: string = "known_not_affected"): Uint8Array =>
  bytes({
    document: { csaf_version: "2.0", tracking: { current_release_date: "2026-01-01T00:00:00Z" } },
    product_tree: csafProducts,
    vulnerabilities: [
      {
        cve: "CVE-2024-1",
        product_status: { [status]: [productId] },
        flags: [{ label: "component_not_present", product_ids: [productId] }],
        threats: [{ category: "impact", details: "not built with it", product_ids: [productId] }],
      },
    ],
  });

test("CSAF: a package, a package within an image, and nothing for a platform that nobody can recognize", async (t) => {
  assert.deepEqual(
    [
      await remaining(t, [csaf("P1")]),
      (await remaining(t, [csaf("IMG:P1")])).left,
      (await remaining(t, [csaf("NAMELESS:P1")])).left,
    ],
    [
      {
        left: ["org.example:lib", "lodash"],
        gone: [
          "vex | not_affected | component_not_present: not built with it | doc-0.json, vulnerability 1, product P1",
        ],
      },
      ["org.example:lib", "lodash"],
      everything,
    ],
  );
  assert.deepEqual((await remaining(t, [csaf("IMG:P1")], noImage)).left, everything);
  assert.deepEqual((await remaining(t, [csaf("P1", "known_affected")])).left, everything);
});

test("CycloneDX: by reference, by link into another document, within an image", async (t) => {
  const document = (ref: string, component?: object): Uint8Array =>
    bytes({
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      metadata: { timestamp: "2026-01-01T00:00:00Z", component },
      components: [{ "bom-ref": "ssl", purl: "pkg:deb/debian/openssl@3.0.1-1" }],
      vulnerabilities: [
        {
          id: "CVE-2024-1",
          analysis: { state: "not_affected", justification: "code_not_reachable" },
          affects: [{ ref }],
        },
      ],
    });
  const shop = { "bom-ref": "shop", hashes: [{ alg: "SHA-256", content: hex }] };
  const link = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg:deb/debian/openssl@3.0.1-1";
  const left = async (content: Uint8Array, identity: ImageIdentity = image) =>
    (await remaining(t, [content], identity)).left;
  assert.deepEqual(
    [
      await left(document("ssl")),
      await left(document(link)),
      await left(document("ssl", shop)),
      await left(document("ssl", shop), noImage),
      await left(document("shop", shop)),
      await left(document("nothing")),
    ],
    [
      ["org.example:lib", "lodash"],
      ["org.example:lib", "lodash"],
      ["org.example:lib", "lodash"],
      everything,
      ["lodash"],
      everything,
    ],
  );
});

test("a document with a mistake sets nothing aside: it is refused as a whole", () => {
  const broken: readonly Uint8Array[] = [
    bytes({}),
    bytes([]),
    Buffer.from("{"),
    openVex({
      vulnerability: { name: "CVE-2024-1" },
      status: "not_affected",
      products: [{ "@id": "pkg:deb/debian/openssl" }],
    }),
    openVex({ vulnerability: { name: "CVE-2024-1" }, status: "harmless", products: [] }),
    bytes({ "@context": "https://openvex.dev/ns/v0.2.0" }),
    Buffer.from('{"@context":"https://openvex.dev/ns","statements":[],"statements":[]}'),
  ];
  const codes = broken.map((content) => {
    try {
      readVex(content, "x.json");
      return "none";
    } catch (thrown) {
      return thrown instanceof PlimsollError ? thrown.code : String(thrown);
    }
  });
  assert.deepEqual(codes, [...Array.from({ length: 6 }, () => "MALFORMED_INPUT"), "AMBIGUOUS_INPUT"]);
});

test("whatever is in a document, it is read or refused with a documented error", () => {
  const shape = fc.object({
    key: fc.constantFrom(
      "@context",
      "statements",
      "document",
      "csaf_version",
      "product_tree",
      "branches",
      "vulnerabilities",
      "bomFormat",
      "x",
    ),
    values: [
      fc.constantFrom("https://openvex.dev/ns", "2.0", "CycloneDX", "pkg:a/b", ""),
      fc.integer(),
      fc.constant(null),
    ],
    maxDepth: 5,
  });
  fc.assert(
    fc.property(shape, (document) => {
      try {
        readVex(bytes(document), "x.json");
      } catch (thrown) {
        assert.ok(thrown instanceof PlimsollError, String(thrown));
      }
    }),
    { numRuns: 1000 },
  );
});

test("real documents with changed, lost and doubled parts are read or refused with a documented error", () => {
  const openVexText = openVex(
    notAffected([{ "@id": "pkg:deb/debian/openssl@3.0.1-1", subcomponents: [{ "@id": "pkg:npm/a@1" }] }]),
  );
  const documents = [openVexText, csaf("P1"), csaf("IMG:P1", "fixed"), cyclonedxText].map((one) => Buffer.from(one));
  for (let seed = 0; seed < 4000; seed += 1) {
    try {
      readVex(mutated(documents[seed % documents.length] ?? Buffer.alloc(0), seed), "x.json");
    } catch (thrown) {
      assert.ok(thrown instanceof PlimsollError, `seed ${seed}: ${thrown}`);
    }
  }
});

const cyclonedxText = bytes({
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  metadata: {
    timestamp: "2026-01-01T00:00:00Z",
    component: { "bom-ref": "shop", hashes: [{ alg: "SHA-256", content: hex }] },
  },
  components: [{ "bom-ref": "ssl", purl: "pkg:deb/debian/openssl@3.0.1-1" }],
  vulnerabilities: [{ id: "CVE-2024-1", analysis: { state: "not_affected" }, affects: [{ ref: "ssl" }] }],
});
