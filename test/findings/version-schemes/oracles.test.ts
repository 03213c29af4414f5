// Each scheme against the program whose order it has to be: 10,000 pairs, no disagreement.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import semver from "semver";
import { schemeOf } from "../../../src/findings/scheme-of.ts";
import type { Ecosystem } from "../../../src/model/package.ts";
import {
  composerSemver,
  dpkg,
  dpkgPerl,
  mavenArtifact,
  type Oracle,
  pythonPackaging,
  rpm,
  rubygems,
} from "./oracles.ts";
import { type Grammar, labelledVersions, type Pair, pairsOf } from "./version-pairs.ts";

const count = 10_000;

const deb: Grammar = {
  prefixes: ["", "", "", "", "1:", "2:", "0:"],
  separators: [".", ".", ".", "-", "+"],
  suffixes: ["~rc#", "+dfsg", "+dfsg#", "~beta#", "+really#", "+git#", "~", "a", "p#", "+ds"],
  revisions: ["-#", "-#", "", "-#+deb12u#", "-0ubuntu0.22.04.#", "-#~bpo12+#", "-#+b#", "-#.#", "-0.#~exp1"],
  valid: /^(?:\d+:)?\d(?:[A-Za-z0-9.+~-]*[A-Za-z0-9.+~])?$/,
  real: labelledVersions(/^(?:\d+:)?\d[A-Za-z0-9.+~]*-[A-Za-z0-9.+~]+$/),
};

const rpmGrammar: Grammar = {
  prefixes: ["", "", "", "0:", "1:", "32:"],
  separators: [".", ".", ".", "_", "+", ""],
  suffixes: ["~rc#", "^git#", "a", "b#", ".P#", "~beta", "^", "+", "_#"],
  revisions: ["-#.el8", "-#.el9_2.#", "-#.module+el8.9.0+#+abcdef", "-#.fc39", "", "-#.amzn2", "-150400.#.1"],
  valid: /^(?:\d+:)?[A-Za-z0-9._+~^]+(?:-[A-Za-z0-9._+~^]+)?$/,
  real: labelledVersions(/\.(?:el|fc|amzn|am|module)\w*/),
};

const python: Grammar = {
  prefixes: ["", "", "", "v", "1!"],
  separators: ["."],
  suffixes: ["rc#", "a#", "b#", ".post#", ".dev#", "+local.#", "-#", ".alpha#", "_beta_#", "c#", "-preview.#"],
  revisions: ["", "", "", ".dev#", "+ubuntu.#"],
  valid: /^[\x21-\x7e]+$/,
};

const ruby: Grammar = {
  prefixes: [""],
  separators: ["."],
  suffixes: [".pre", ".rc#", ".beta.#", ".a", "a#", "-rc#", ".0", ".alpha#.#"],
  revisions: ["", "", ".0", ".0.0"],
  valid: /^\d[A-Za-z0-9.-]*$/,
};

const maven: Grammar = {
  prefixes: ["", "", "", "", "v"],
  separators: [".", ".", ".", "-"],
  suffixes: [
    "-alpha-#",
    "-beta#",
    "-rc#",
    "-SNAPSHOT",
    ".Final",
    "-jre",
    ".RELEASE",
    "-M#",
    "-cr#",
    "-sp#",
    "a#",
    ".v#",
    "-ga",
    "-",
  ],
  revisions: ["", "", "", "-#", ".0", ".redhat-#"],
  valid: /^[A-Za-z0-9._-]+$/,
};

const composer: Grammar = {
  prefixes: ["", "", "v"],
  separators: ["."],
  suffixes: ["-RC#", "-alpha#", "-beta.#", "-dev", "-p#", "-patch#", "@beta", "+build#", "b#", "-stable"],
  revisions: ["", "", ".x-dev", "-rc"],
  valid: /^[\x21-\x7e]+$/,
};

const npm: Grammar = {
  prefixes: ["", "", "v", "="],
  separators: ["."],
  suffixes: ["-rc.#", "-alpha", "-beta.#.x", "-#", "-0.#.a", "+build.#", "-x-y.#"],
  revisions: [""],
  valid:
    /^[v=]?(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/,
};

const npmSemver: Oracle = {
  missing: false,
  compare: (pairs) =>
    pairs.map(([left, right]) =>
      semver.valid(left, true) === null || semver.valid(right, true) === null
        ? undefined
        : semver.compare(left, right, true),
    ),
};

/** Pairs that our scheme orders otherwise, as a sentence each. */
function disagreements(ecosystem: Ecosystem, pairs: readonly Pair[], expected: readonly (number | undefined)[]) {
  const scheme = schemeOf(ecosystem);
  return pairs.flatMap(([left, right], at) => {
    const wanted = expected[at];
    if (wanted === undefined) return [];
    const found = attempt(() => Math.sign(scheme.compare(left, right)));
    return found === wanted ? [] : [`${left} ${right}: expected ${wanted}, found ${found}`];
  });
}

function attempt(action: () => number): number | string {
  try {
    return action();
  } catch (thrown) {
    return String(thrown);
  }
}

function agrees(ecosystem: Ecosystem, grammar: Grammar, oracle: Oracle, pairCount: number = count) {
  return (t: TestContext): void => {
    const pairs = pairsOf(grammar, pairCount, `${ecosystem} 1`);
    const expected = oracle.compare(pairs);
    assert.equal(expected.length, pairs.length);
    const judged = expected.filter((one) => one !== undefined).length;
    t.diagnostic(`${judged} pairs compared`);
    assert.ok(judged >= Math.min(count, pairCount), `the oracle took only ${judged} pairs`);
    assert.deepEqual(disagreements(ecosystem, pairs, expected).slice(0, 20), []);
  };
}

test("deb: dpkg's own module agrees", { skip: dpkgPerl.missing }, agrees("deb", deb, dpkgPerl));
test("deb: dpkg itself agrees", { skip: dpkg.missing }, agrees("deb", deb, dpkg, 60));
test("rpm: rpm agrees", { skip: rpm.missing }, agrees("rpm", rpmGrammar, rpm));
test(
  "pypi: python3-packaging agrees",
  { skip: pythonPackaging.missing },
  agrees("pypi", python, pythonPackaging, count * 2),
);
test("gem: RubyGems agrees", { skip: rubygems.missing }, agrees("gem", ruby, rubygems, count * 1.2));
test("maven: Maven agrees", { skip: mavenArtifact.missing }, agrees("maven", maven, mavenArtifact));
test(
  "composer: Composer agrees",
  { skip: composerSemver.missing },
  agrees("composer", composer, composerSemver, count * 3),
);
test("npm and cargo: npm's semver agrees", agrees("npm", npm, npmSemver));
