// Every format holds to its standard, for a scan of every day and for one whose every text is an attack.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldAt, listAt, textAt } from "../../src/base/reading.ts";
import type { ScanResult } from "../../src/model/scan.ts";
import { formats } from "../../src/report/formats.generated.ts";
import { hostile, sample } from "./sample.ts";
import { cyclonedxSchema, sarifSchema } from "./schemas.ts";
import { checkGitlab, checkOpenvex, checkSpdx } from "./standards.ts";

const empty: ScanResult = {
  ...sample,
  findings: [],
  suppressed: [],
  inventory: { distribution: undefined, packages: [], problems: [] },
  layers: [],
  image: { ...sample.image, layers: [], names: [], manifestDigest: "", configDigest: "" },
  decision: undefined,
  advisoryData: { digest: "", builtAt: "", feeds: [] },
};
const cases: readonly (readonly [string, ScanResult])[] = [
  ["an everyday image", sample],
  ["a hostile image", hostile],
  ["an empty directory", empty],
];

function render(name: string, result: ScanResult, options: { readonly showLayers?: boolean } = {}): string {
  const format = formats.find((candidate) => candidate.name === name);
  assert.ok(format, name);
  return [...format.render(result, { hasColour: false, width: 100, showLayers: false, ...options })].join("");
}

const cyclonedx = cyclonedxSchema();
const sarif = sarifSchema();

test("the official schemas refuse what is not theirs", () => {
  assert.deepEqual(
    [cyclonedx({ bomFormat: "CycloneDX", specVersion: 1.6 }), sarif({ version: "2.1.0", runs: [{}] })],
    [false, false],
  );
});

for (const [title, result] of cases) {
  test(`the CycloneDX document of ${title} is valid by the official schema`, () => {
    const document: unknown = JSON.parse(render("cyclonedx", result));
    cyclonedx(document);
    assert.deepEqual(cyclonedx.errors ?? [], []);
    const refs = listAt(document, "components").map((component) => textAt(component, "bom-ref"));
    assert.equal(new Set(refs).size, refs.length, "references are unique");
    const dangling = listAt(document, "vulnerabilities")
      .flatMap((each) => listAt(each, "affects").map((affected) => textAt(affected, "ref")))
      .filter((ref) => !refs.includes(ref));
    assert.deepEqual(dangling, []);
  });

  test(`the SARIF document of ${title} is valid by the official schema`, () => {
    const document: unknown = JSON.parse(render("sarif", result));
    sarif(document);
    assert.deepEqual(sarif.errors ?? [], []);
    const [run] = listAt(document, "runs");
    const rules = listAt(run, "tool", "driver", "rules").map((rule) => textAt(rule, "id"));
    for (const found of listAt(run, "results")) {
      assert.equal(rules[Number(fieldAt(found, "ruleIndex"))], textAt(found, "ruleId"));
    }
  });

  test(`SPDX, GitLab and OpenVEX documents of ${title} keep every demand of their standards`, () => {
    assert.deepEqual(
      {
        spdx: checkSpdx(JSON.parse(render("spdx", result))),
        gitlab: checkGitlab(JSON.parse(render("gitlab", result))),
        openvex: checkOpenvex(JSON.parse(render("openvex", result))),
      },
      { spdx: [], gitlab: [], openvex: [] },
    );
  });

  test(`no format shows a character of ${title} that a terminal obeys`, () => {
    for (const { name } of formats) {
      const text = render(name, result, { showLayers: true });
      const obeyed = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.exec(text.replaceAll("\n", ""));
      assert.equal(obeyed, null, `${name}: U+${obeyed?.[0].codePointAt(0)?.toString(16)}`);
    }
  });
}

test("no text of an image becomes a tag, a script or an attribute of the HTML report", () => {
  const page = render("html", hostile, { showLayers: true });
  const plain = render("html", sample, { showLayers: true });
  const tags = (text: string) =>
    [...new Set([...text.matchAll(/<(\/?[a-z][^\s>]*)/gi)].map(([, name]) => name))].sort();
  const count = (text: string) => [...text.matchAll(/<script/g)].length;
  const allowed = new Set(tags(plain));
  assert.deepEqual(
    [
      tags(page).filter((name) => !allowed.has(name)),
      count(page),
      /<[^>]*\sonerror=/.test(page.replaceAll(/"[^"]*"/g, "")),
    ],
    [[], count(plain), false],
  );
});

test("packages whose names are those of every object's members are packages like any other", () => {
  const names = ["__proto__", "constructor", "hasOwnProperty", "toString"];
  const [vulnerability] = sample.findings.filter((finding) => finding.kind === "vulnerability");
  const [item] = sample.inventory.packages;
  assert.ok(vulnerability !== undefined && item !== undefined);
  const result: ScanResult = {
    ...sample,
    findings: names.map((name) => ({ ...vulnerability, id: name, package: name, version: "1", path: name })),
    inventory: {
      ...sample.inventory,
      packages: names.map((name) => ({ ...item, name, version: "1", evidence: name })),
    },
  };
  for (const { name } of formats.filter((format) => format.name !== "spdx" && format.name !== "table")) {
    const text = render(name, result);
    assert.deepEqual(
      names.filter((each) => !text.includes(each)),
      [],
      name,
    );
  }
});

test("a package that lies in forty thousand places is looked up in each, not searched for", {
  timeout: 120_000,
}, () => {
  const [vulnerability] = sample.findings.filter((finding) => finding.kind === "vulnerability");
  const [item] = sample.inventory.packages;
  assert.ok(vulnerability !== undefined && item !== undefined);
  const places = Array.from({ length: 40_000 }, (_, at) => `app/${at}/package.json`);
  const { ecosystem, name, version } = item;
  const result: ScanResult = {
    ...sample,
    suppressed: [],
    findings: places.map((path) => ({ ...vulnerability, ecosystem, package: name, version, path })),
    inventory: { ...sample.inventory, packages: places.map((evidence) => ({ ...item, evidence })) },
  };
  const statements = listAt(JSON.parse(render("openvex", result)), "statements");
  assert.equal(statements.length, places.length);
});

test("a value of the environment is in no report", () => {
  for (const { name } of formats) assert.ok(!render(name, sample, { showLayers: true }).includes("hunter2"), name);
});

test("the JSON report holds what docs/scanning.md promises", () => {
  const document: unknown = JSON.parse(render("json", sample));
  assert.deepEqual(
    {
      schema: textAt(document, "schema"),
      critical: fieldAt(document, "summary", "bySeverity", "critical"),
      verdict: textAt(document, "decision", "verdict"),
      purl: textAt(listAt(document, "packages")[1], "purl"),
      firstAct: textAt(listAt(document, "summary", "doFirst")[0], "act"),
      suppressed: fieldAt(document, "summary", "suppressed"),
    },
    {
      schema: "plimsoll.scan/1",
      critical: { count: 5, fixable: 3 },
      verdict: "deny",
      purl: "pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12&upstream=openssl",
      firstAct: "rebuild the image without app/eicar.com",
      suppressed: 2,
    },
  );
});

test("JUnit counts what it holds, and a kind without findings is a passed test", () => {
  const text = render("junit", sample);
  const count = (pattern: RegExp) => [...text.matchAll(pattern)].length;
  assert.deepEqual(
    {
      tests: /<testsuites[^>]* tests="(\d+)"/.exec(text)?.[1],
      cases: count(/<testcase /g),
      failures: count(/<failure /g),
      skipped: count(/<skipped /g),
    },
    { tests: "17", cases: 17, failures: 14, skipped: 2 },
  );
  assert.match(text, /<testcase classname="ambiguous layers" name="none found"\/>/);
});
