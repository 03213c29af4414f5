// Scores of CVSS vectors. The expected ones are those that FIRST's documents and NVD give for these vectors.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cvssScore, severityOfScore } from "../../src/findings/cvss.ts";

test("vectors of all versions have the scores of their standard", () => {
  const expected: Readonly<Record<string, number>> = {
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H": 10, // CVE-2021-44228
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N": 7.5, // CVE-2014-0160
    "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N": 6.1, // specification 3.0, example "phpMyAdmin"
    "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H": 7.8,
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N": 0,
    "AV:N/AC:L/Au:N/C:N/I:N/A:C": 7.8, // CVE-2002-0392, specification 2.0
    "AV:N/AC:L/Au:N/C:C/I:C/A:C": 10, // CVE-2003-0818, specification 2.0
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H": 10,
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N": 9.3,
  };
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((vector) => [vector, cvssScore(vector)])), expected);
});

test("what is no vector, or only a part of one, has no score", () => {
  const vectors = [
    "",
    "x",
    "7.5",
    "CVSS:3.1/AV:N",
    "CVSS:3.1/AV:Q/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    "CVSS:9.9/AV:N",
    "A".repeat(10_000),
  ];
  assert.deepEqual(
    vectors.map(cvssScore),
    vectors.map(() => -1),
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      const score = cvssScore(`CVSS:3.1/${text}`);
      return score >= -1 && score <= 10;
    }),
  );
});

test("a score has a word", () => {
  assert.deepEqual([-1, 0, 0.1, 3.9, 4, 6.9, 7, 8.9, 9, 10].map(severityOfScore), [
    "unknown",
    "negligible",
    "low",
    "low",
    "medium",
    "medium",
    "high",
    "high",
    "critical",
    "critical",
  ]);
});
