// Ignore rules: each has a reason and an end, and fits only what it names as a whole.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PlimsollError } from "../../../src/base/errors.ts";
import { readIgnoreRules } from "../../../src/findings/suppression/ignore-rules.ts";
import { suppress } from "../../../src/findings/suppression/suppress.ts";
import type { Finding } from "../../../src/model/finding.ts";
import { inventory } from "../database-of.ts";

const common = { severity: "high", title: "", remedy: "", layer: 0 } as const;
const setuid: Finding = { ...common, kind: "misconfiguration", id: "setuid-file", path: "usr/bin/sudo" };
const other: Finding = { ...common, kind: "misconfiguration", id: "setuid-file", path: "usr/bin/nested/sudo" };
const vulnerability: Finding = {
  ...common,
  ...{
    kind: "vulnerability",
    id: "CVE-2024-1",
    aliases: ["GHSA-1"],
    ecosystem: "deb",
    package: "openssl",
    version: "1",
  },
  ...{ advisories: [], namespace: "", fixState: "unfixed", fixedVersion: "", severitySource: "", cvssScore: -1 },
  ...{ cvssVector: "", exploitation: { epss: -1, isKnownExploited: false }, url: "", published: "", path: "" },
};
const now = new Date("2026-11-22T23:59:59Z");

function left(text: string) {
  const options = { inventory: inventory(undefined), image: { digests: [], repositories: [] }, statements: [], now };
  const result = suppress([setuid, other, vulnerability], {
    ...options,
    ignoreRules: readIgnoreRules(text, "ignore.yaml"),
  });
  return {
    left: result.findings.length,
    gone: result.suppressed.map(({ finding, by, reason, source }) =>
      [finding.path || finding.id, by, reason, source].join(" | "),
    ),
    expired: result.expired.map(({ source }) => source),
  };
}

const rule = (more: string, expires: string = "2026-11-22"): string =>
  `ignore:\n  - reason: because\n    expires: ${expires}\n${more.replaceAll(/^/gm, "    ")}\n`;

test("a rule sets aside what it names, also by another name of the same weakness", () => {
  assert.deepEqual(left(rule("id: GHSA-1\npackage: openssl")), {
    left: 2,
    gone: ["CVE-2024-1 | ignore-rule | because | ignore.yaml, rule 1"],
    expired: [],
  });
});

test("a path fits as a whole; one star stays within a folder", () => {
  const gone = (path: string) => left(rule(`id: setuid-file\npath: ${path}`)).gone.length;
  assert.deepEqual(
    [
      gone("usr/bin/sudo"),
      gone("/usr/bin/*"),
      gone("usr/**"),
      gone("bin/sudo"),
      gone("usr/bin/sud"),
      gone("usr/bin/sud."),
      gone('"**"'),
    ],
    [1, 1, 2, 0, 0, 0, 2],
  );
});

test("another package, another id: nothing", () => {
  assert.deepEqual([left(rule("id: CVE-2024-1\npackage: open")).left, left(rule("id: CVE-2024-11")).left], [3, 3]);
});

test("a rule counts through its last day, and then is reported", () => {
  assert.deepEqual(left(rule("id: CVE-2024-1", "2026-11-21")), { left: 3, gone: [], expired: ["ignore.yaml, rule 1"] });
});

test("a rule with a mistake makes the whole file invalid", () => {
  const files = [
    "ignore:\n  - id: CVE-1\n    expires: 2026-12-31\n",
    "ignore:\n  - id: CVE-1\n    reason: x\n",
    "ignore:\n  - id: CVE-1\n    reason: ''\n    expires: 2026-12-31\n",
    rule("id: ''"),
    rule("id: CVE-1", "2026-02-30"),
    rule("id: CVE-1", "never"),
    rule("id: CVE-1\npakage: openssl"),
    rule("id: CVE-1\nid: CVE-2"),
    "ignored: []\n",
    "ignore: {}\n",
    "- x\n",
    "",
    "ignore: [*a]\n",
    "a: &a [x]\nignore: *a\n",
  ];
  const codes = files.map((text) => {
    try {
      readIgnoreRules(text, "ignore.yaml");
      return `none: ${text}`;
    } catch (thrown) {
      return thrown instanceof PlimsollError ? thrown.code : String(thrown);
    }
  });
  assert.deepEqual(
    codes,
    files.map(() => "CONFIG_INVALID"),
  );
});

test("any text is read or refused with a documented error", () => {
  const line = fc.constantFrom(
    "ignore:",
    "  - id: X",
    "    reason: r",
    "    expires: 2027-01-01",
    "&a",
    "*a",
    "{",
    "]",
    "\t",
    "? ",
    "!!x y",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.string({ maxLength: 8 })), { maxLength: 8 }), (lines) => {
      try {
        readIgnoreRules(lines.join("\n"), "x.yaml");
      } catch (thrown) {
        assert.ok(thrown instanceof PlimsollError, String(thrown));
      }
    }),
    { numRuns: 1000 },
  );
});
