// Orders that documents give, for schemes whose program is not at hand; and what holds for all schemes.
// Sources: apk-tools, test/version.data (a choice); NuGet documentation, "Normalized version numbers" and "Pre-release versions";
// go.dev/ref/mod, "Versions"; go.dev/doc/toolchain.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PlimsollError } from "../../../src/base/errors.ts";
import { schemeOf } from "../../../src/findings/scheme-of.ts";
import { versionSchemes } from "../../../src/findings/version-schemes.generated.ts";
import type { Ecosystem } from "../../../src/model/package.ts";

/** Every earlier one comes before every later one; those in one list are equal. */
function isAscending(ecosystem: Ecosystem, ...groups: readonly (string | readonly string[])[]): void {
  const { compare } = schemeOf(ecosystem);
  const ranked = groups.flatMap((group, rank) =>
    (typeof group === "string" ? [group] : group).map((version) => ({ version, rank })),
  );
  const wrong = ranked.flatMap((left) =>
    ranked
      .filter((right) => Math.sign(compare(left.version, right.version)) !== Math.sign(left.rank - right.rank))
      .map((right) => `${left.version} ${right.version}: found ${compare(left.version, right.version)}`),
  );
  assert.deepEqual(wrong, []);
}

test("apk: suffixes, letters, revisions and commits as apk-tools has them", () => {
  isAscending(
    "apk",
    "0.1.0_alpha_pre2",
    "0.1.0_alpha",
    "0.1.0_alpha2",
    "0.1.3_alpha",
    "0.20070118",
    "0.20070207_rc1",
    "1.0_alpha",
    "1.0_beta",
    "1.0_pre20060810",
    "1.0_rc1",
    "1.0",
    "1.0_cvs1",
    "1.0_svn1",
    "1.0_git20240101",
    "1.0_hg1",
    "1.0_p1",
    "1.0_p2",
    "1.0_p10-r0",
    "1.0a-r1",
    "1.0b",
    "1.0.0",
    "1.0.4-r3",
    "1.0.4-r10",
    "1.02.07",
    "1.02.10-r1",
    "1.06-r6",
    "1.1.1",
    "1.2.3",
    "1.2.3~ab12",
    "2.31-r1",
    "3.0.20060720",
    "006",
    "20050718-r1",
    "20050718-r2",
  );
});

test("apk: what is no version is refused, not guessed", () => {
  const refused = ["23_foo", "1.0bc", "", "1.0-1", "v1.0", "1.0_rc1_", "1..0"].filter((version) => {
    try {
      schemeOf("apk").compare(version, "1");
      return false;
    } catch (thrown) {
      return thrown instanceof PlimsollError && thrown.code === "MALFORMED_INPUT";
    }
  });
  assert.equal(refused.length, 7);
});

test("nuget: four numbers, pre-releases without regard to case, build data without meaning", () => {
  isAscending(
    "nuget",
    "1.0.0-alpha",
    ["1.0.0-Alpha.1", "1.0.0-alpha.1"],
    "1.0.0-alpha.beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc",
    ["1", "1.0", "1.00.0", "1.0.0.0", "1.0.0+build"],
    "1.0.0.1",
    "1.0.1-aaa",
    "1.0.1",
    "1.0.10",
    "2.0.50727",
  );
});

test("go: pseudo-versions between tags, toolchains with their releases", () => {
  isAscending(
    "go",
    "v0.0.0-20190101000000-abcdefabcdef",
    "v0.0.0-20220906165146-f3363e06e74c",
    "v1.2.3-pre.0.20220101000000-abcdefabcdef",
    ["v1.2.3", "1.2.3"],
    "v1.2.4-0.20220101000000-abcdefabcdef",
    ["v1.2.4", "v1.2.4+incompatible"],
    "1.19.0-0",
    "go1.19rc1",
    ["go1.19", "1.19.0", "go1.19.0"],
    ["go1.22.5", "go1.22.5-fips", "go1.22.5 X:boringcrypto", "1.22.5"],
    "go1.23",
    "go1.23rc2",
    ["go1.23.0", "v1.23.0"],
  );
});

test("generic: letters behind numbers, words for pre-releases before", () => {
  isAscending("generic", "1.1.1-beta1", "1.1.1", "1.1.1a", "1.1.1w", "1.1.2", "3.0.0-alpha1", "3.0.0-rc1", "3.0.0", [
    "3.0.10",
    "v3.0.10",
  ]);
});

test("maven: the orders of its specification", () => {
  isAscending(
    "maven",
    ["1-alpha-1", "1-a1", "1-alpha1"],
    "1-beta-1",
    "1-milestone",
    ["1-rc1", "1-cr1"],
    "1-snapshot",
    ["1", "1.0", "1.0.0", "1-ga", "1-final", "1.release"],
    "1-sp",
    "1-foo2",
    "1-foo10",
    "1-1",
    "1.1",
  );
});

test("every ecosystem has one scheme", () => {
  const ecosystems = versionSchemes.flatMap((scheme) => scheme.ecosystems);
  assert.deepEqual([...ecosystems].sort(), [...new Set(ecosystems)].sort());
  assert.equal(ecosystems.length, 12);
});

const text = fc.oneof(
  fc.stringMatching(/^[0-9.]{1,6}[a-z~^+_:-]{0,3}[0-9a-z.+~-]{0,6}$/),
  fc.string({ maxLength: 12 }),
  fc.constantFrom("", " ", "1".repeat(2000), "1.".repeat(500), "-".repeat(600), "9".repeat(40), "1-".repeat(300)),
);

for (const scheme of versionSchemes) {
  test(`${scheme.name}: any three texts are refused, or in one order`, () => {
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        const compare = (left: string, right: string): number | undefined => {
          try {
            return Math.sign(scheme.compare(left, right));
          } catch (thrown) {
            assert.ok(thrown instanceof PlimsollError, String(thrown));
            return undefined;
          }
        };
        const [ab, ba, bc, ac] = [compare(a, b), compare(b, a), compare(b, c), compare(a, c)];
        assert.equal(ab === undefined, ba === undefined);
        if (ab !== undefined && ba !== undefined) assert.equal(ab + ba, 0, `${a} ${b}`);
        if (ab !== undefined && bc !== undefined && ab <= 0 && bc <= 0 && ac !== undefined)
          assert.ok(ac <= 0, `${a} ${b} ${c}`);
      }),
      { numRuns: 3000, seed: 7 },
    );
  });
}
