// What the trust file makes of statements: thresholds, scopes, age, tags. Statements here are already verified; formats have their own tests.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import type { TrustSubject, VerifiedStatement } from "../../src/model/trust.ts";
import { readTrustFile } from "../../src/trust/file/read-trust-file.ts";
import { judgeTrust, type TrustQuestion } from "../../src/trust/judge.ts";
import { keyIdOfPem } from "../../src/trust/key-id.ts";
import { tagRecordType } from "../../src/trust/tag-record.ts";

const pem = (): string =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "pem" }).toString();
const keys = { alice: pem(), bob: pem(), carol: pem(), mallory: pem() };
const day = 24 * 60 * 60 * 1000;
const nowMs = Date.parse("2026-06-01T00:00:00Z");
const digest = `sha256:${"a".repeat(64)}`;
const other = `sha256:${"b".repeat(64)}`;

const subject: TrustSubject = {
  ...{ digest, mediaType: "application/vnd.oci.image.manifest.v1+json", size: 500 },
  ...{ repository: "registry.test/team/app", tag: "1" },
};

const indent = (text: string): string => text.trimEnd().replaceAll("\n", "\n      ");

function trustFile(rules: string) {
  const signers = Object.entries(keys)
    .filter(([name]) => name !== "mallory")
    .map(([name, key]) => `  ${name}:\n    key: |\n      ${indent(key)}\n`);
  const text = `version: 1\nsigners:\n${signers.join("")}${rules}`;
  return readTrustFile({ name: "trust.yaml", text, readFile: () => assert.fail("no file is named") });
}

function signedBy(name: keyof typeof keys, more: Partial<VerifiedStatement> = {}): VerifiedStatement {
  return {
    ...{ format: "cosign", signer: { kind: "key", keyId: keyIdOfPem(keys[name], name) }, digest },
    ...{ repository: subject.repository, tag: "", predicateType: "", predicate: null },
    ...{ signedAtMs: 0, hasTimestamp: false, isInLog: false },
    ...more,
  };
}

function judge(rules: string, statements: readonly VerifiedStatement[], more: Partial<TrustQuestion> = {}) {
  const { state, signers, reason, tagCounter } = judgeTrust({
    ...{ file: trustFile(rules), subject, isLocal: false, statements, rejected: [] },
    ...{ unreachable: "", highestCounter: 0, nowMs },
    ...more,
  });
  return { state, signers, reason, tagCounter };
}

const anyOf = "rules: [{ scope: registry.test/team/*, require: { anyOf: [alice, bob] } }]";
const twoOf = "rules: [{ scope: registry.test/team/app, require: { threshold: 2, of: [alice, bob, carol] } }]";

test("one of the named signers is enough for anyOf", () => {
  assert.deepEqual(judge(anyOf, [signedBy("bob")]), {
    ...{ state: "trusted", signers: ["bob"], reason: "signed by bob", tagCounter: 0 },
  });
});

test("nobody signed: the sentence says who would have had to", () => {
  assert.deepEqual(judge(anyOf, []), {
    ...{ state: "unsigned", signers: [], tagCounter: 0 },
    reason: "nobody signed it; needs a signature by one of alice, bob",
  });
});

test("one signer who signs twice, in two formats, is one signer", () => {
  const twice = [signedBy("alice"), signedBy("alice"), signedBy("alice", { format: "notation" })];
  assert.deepEqual([judge(twoOf, twice).state, judge(twoOf, twice).signers], ["untrusted", ["alice"]]);
  assert.equal(judge(twoOf, [...twice, signedBy("carol")]).state, "trusted");
});

test("what does not count is dismissed, each for its own reason", () => {
  const cases: readonly (readonly [VerifiedStatement, RegExp])[] = [
    [signedBy("mallory"), /whom the trust file does not name/],
    [signedBy("carol"), /carol may not sign for registry\.test\/team\/\*/],
    [signedBy("alice", { digest: other }), /another digest/],
    [signedBy("alice", { repository: "registry.test/team/other" }), /is for registry\.test\/team\/other/],
    [signedBy("alice", { repository: "" }), /names no repository/],
    [signedBy("alice", { tag: "2" }), /is for the tag 2/],
  ];
  for (const [statement, reason] of cases) {
    const verdict = judge(anyOf, [statement]);
    assert.equal(verdict.state, "untrusted");
    assert.match(verdict.reason, reason);
  }
});

test("an attestation is not a signature", () => {
  const attestation = signedBy("alice", { predicateType: "https://slsa.dev/provenance/v1" });
  assert.equal(judge(anyOf, [attestation]).state, "unsigned");
});

test("a registry that hides signatures is not the same as no signature, and both are refused", () => {
  const verdict = judge(anyOf, [], { unreachable: "the registry answered 500" });
  assert.deepEqual([verdict.state, verdict.signers], ["cannot-tell", []]);
});

test("the narrowest scope decides, whatever the order of the rules", () => {
  const rules =
    "rules: [{ scope: registry.test/*, mode: 'off' }, { scope: registry.test/team/app, require: { anyOf: [alice] } }," +
    " { scope: registry.test/team/*, require: { anyOf: [bob] } }]";
  assert.equal(judge(rules, [signedBy("bob")]).state, "untrusted");
  assert.equal(judge(rules, [signedBy("alice")]).state, "trusted");
});

test("a scope is a path, not the beginning of a name", () => {
  const elsewhere = { subject: { ...subject, repository: "registry.test/teamwork/app" } };
  assert.match(judge(anyOf, [signedBy("alice")], elsewhere).reason, /no rule of the trust file covers/);
});

test("what no rule covers is denied unless the file says otherwise", () => {
  const states = ["", "otherwise: warn", "otherwise: allow"].map((rules) => judge(rules, []).state);
  assert.deepEqual(states, ["unsigned", "not-required", "not-required"]);
});

test("an image of this host is judged by its own line", () => {
  const states = ["", "local: allow"].map((rules) => judge(rules, [signedBy("alice")], { isLocal: true }).state);
  assert.deepEqual(states, ["unsigned", "not-required"]);
});

test("revoked digests and signers no longer count", () => {
  assert.equal(judge(`${anyOf}\nrevoked: { digests: ["${digest}"] }`, [signedBy("alice")]).state, "revoked");
  const bobIsOut = judge(`${anyOf}\nrevoked: { signers: [bob] }`, [signedBy("bob")]);
  assert.deepEqual([bobIsOut.state, /bob is revoked/.test(bobIsOut.reason)], ["untrusted", true]);
});

test("a limit on age needs a time that somebody vouches for", () => {
  const rules =
    "rules: [{ scope: registry.test/team/app, require: { anyOf: [alice] }, freshness: { maxAgeDays: 30 } }]";
  const at = (days: number) =>
    judge(rules, [signedBy("alice", { signedAtMs: nowMs - days * day, hasTimestamp: true })]);
  assert.deepEqual(
    [at(29).state, at(31).state, judge(rules, [signedBy("alice")]).state],
    [...["trusted", "stale", "untrusted"]],
  );
});

test("timestamps and logs that a rule demands cannot be left out", () => {
  const rules =
    "rules: [{ scope: registry.test/team/app, require: { anyOf: [alice] }, timestamp: required, log: required }]";
  const states = [{}, { hasTimestamp: true }, { hasTimestamp: true, isInLog: true }].map(
    (more) => judge(rules, [signedBy("alice", more)]).state,
  );
  assert.deepEqual(states, ["untrusted", "untrusted", "trusted"]);
});

const provenance = (builder: string) =>
  signedBy("bob", {
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: { runDetails: { builder: { id: builder } } },
  });

test("provenance has to come from the named builder, whole and exact", () => {
  const rules =
    "rules: [{ scope: registry.test/team/app, require: { anyOf: [alice] }, attestations:" +
    " [{ predicateType: 'https://slsa.dev/provenance/v1', require: { anyOf: [bob] }, builderId: 'https://ci.test' }] }]";
  const states = [[], [provenance("https://ci.test.evil")], [provenance("https://ci.test")]].map(
    (attestations) => judge(rules, [signedBy("alice"), ...attestations]).state,
  );
  assert.deepEqual(states, ["untrusted", "untrusted", "trusted"]);
});

const record = (counter: number, more: { expires?: string; digest?: string; tag?: string } = {}) =>
  signedBy("alice", {
    ...{ predicateType: tagRecordType, digest: more.digest ?? digest, repository: "" },
    predicate: {
      ...{ repository: subject.repository, tag: more.tag ?? "1", counter, issued: "2026-05-01T00:00:00Z" },
      expires: more.expires ?? "2026-07-01T00:00:00Z",
    },
  });
const withRecord =
  "rules: [{ scope: registry.test/team/app, require: { anyOf: [alice] }, freshness: { tagRecord: true } }]";

test("a tag that is set back to an older image, properly signed in its time, is refused", () => {
  const signed = signedBy("alice");
  assert.deepEqual(
    [
      judge(withRecord, [signed, record(7)], { highestCounter: 6 }),
      judge(withRecord, [signed, record(5)], { highestCounter: 6 }),
    ].map(({ state, tagCounter }) => ({ state, tagCounter })),
    [
      { state: "trusted", tagCounter: 7 },
      { state: "stale", tagCounter: 0 },
    ],
  );
});

test("a record that expired, is for another tag or digest, or by nobody in particular is no record", () => {
  const wrong = [
    record(9, { expires: "2026-05-31T00:00:00Z" }),
    record(9, { tag: "2" }),
    record(9, { digest: other }),
    { ...record(9), signer: signedBy("mallory").signer },
  ];
  const states = wrong.map((statement) => judge(withRecord, [signedBy("alice"), statement]).state);
  assert.deepEqual(states, ["stale", "stale", "stale", "stale"]);
});

test("once a tag had records, leaving them out does not help", () => {
  assert.equal(judge(anyOf, [signedBy("alice")], { highestCounter: 3 }).state, "stale");
});

test("an image named by digest has no tag to set back", () => {
  const pinned = { subject: { ...subject, tag: "" }, highestCounter: 9 };
  assert.equal(judge(withRecord, [signedBy("alice")], pinned).state, "trusted");
});

test("whoever is refused under a name that looks like another is told which one it is not", () => {
  const like = { ...subject, repository: "d0cker.io/library/nginx", tag: "1" };
  const refused = judge(anyOf, [], { subject: like });
  assert.equal(
    refused.reason,
    "no rule of the trust file covers d0cker.io/library/nginx (d0cker.io is not docker.io, though it looks like it)",
  );
});

test("what is lacking where not all could be looked at is 'cannot tell'; what is found there counts all the same", () => {
  const rule = (more: string) => `rules: [{ scope: registry.test/team/*, require: { anyOf: [alice] }, ${more} }]`;
  const flooded = { unreachable: "more than 512 referrers: the rest was not looked at" };
  const attested = rule("attestations: [{ predicateType: 'https://a.test', require: { anyOf: [alice] } }]");
  assert.deepEqual(
    [
      judge(anyOf, [signedBy("alice")], flooded).state,
      judge(anyOf, [], flooded).state,
      judge(attested, [signedBy("alice")], flooded).state,
      judge(attested, [signedBy("alice")]).state,
      judge(rule("freshness: { tagRecord: true }"), [signedBy("alice")], flooded).state,
      judge(rule("freshness: { tagRecord: true }"), [signedBy("alice")]).state,
    ],
    ["trusted", "cannot-tell", "cannot-tell", "untrusted", "cannot-tell", "stale"],
  );
});
