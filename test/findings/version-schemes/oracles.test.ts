// Each scheme against the program whose order it has to be: 10,000 pairs, no disagreement.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import semver from "semver";
import { schemeOf } from "../../../src/findings/scheme-of.ts";
import type { Ecosystem } from "../../../src/model/package.ts";
import { farOracles } from "./far-oracles.ts";
import {
  composerVersions,
  debVersions,
  mavenVersions,
  npmVersions,
  pythonVersions,
  rpmVersions,
  rubyVersions,
} from "./grammars.ts";
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
import { recordedAnswers } from "./recorded.ts";
import { type Grammar, type Pair, pairsOf } from "./version-pairs.ts";

const count = 10_000;

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

test("deb: dpkg's own module agrees", { skip: dpkgPerl.missing }, agrees("deb", debVersions, dpkgPerl));
test("deb: dpkg itself agrees", { skip: dpkg.missing }, agrees("deb", debVersions, dpkg));
test("rpm: rpm agrees", { skip: rpm.missing }, agrees("rpm", rpmVersions, rpm));
test(
  "pypi: python3-packaging agrees",
  { skip: pythonPackaging.missing },
  agrees("pypi", pythonVersions, pythonPackaging, count * 2),
);
test("gem: RubyGems agrees", { skip: rubygems.missing }, agrees("gem", rubyVersions, rubygems, count * 1.2));
test("maven: Maven agrees", { skip: mavenArtifact.missing }, agrees("maven", mavenVersions, mavenArtifact));
test(
  "composer: Composer agrees",
  { skip: composerSemver.missing },
  agrees("composer", composerVersions, composerSemver, count * 3),
);
test("npm and cargo: npm's semver agrees", agrees("npm", npmVersions, npmSemver));

for (const far of farOracles) {
  test(`${far.name}: ours is the order that ${far.program} answered`, (t) => {
    const { pairs, answers } = recordedAnswers(far);
    const judged = answers.filter((one) => one !== undefined).length;
    t.diagnostic(`${judged} pairs compared`);
    assert.ok(judged >= count && answers.length === pairs.length);
    assert.deepEqual(disagreements(far.ecosystem, pairs, answers).slice(0, 20), []);
  });
  test(`${far.name}: ${far.program} still answers what is recorded`, { skip: far.oracle.missing }, () => {
    const { pairs, answers } = recordedAnswers(far);
    assert.deepEqual(far.oracle.compare(pairs.slice(0, 1000)), answers.slice(0, 1000));
  });
}
