// What policies learn of where an image was built: only from statements of those whom the trust file believes.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import type { JsonValue } from "../../src/model/json.ts";
import type { TrustSubject, VerifiedStatement } from "../../src/model/trust.ts";
import { readTrustFile } from "../../src/trust/file/read-trust-file.ts";
import { keyIdOfPem } from "../../src/trust/key-id.ts";
import { noProvenance, provenanceFacts, readProvenance } from "../../src/trust/provenance.ts";

const pem = (): string =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "pem" }).toString();
const keys = { release: pem(), builder: pem(), mallory: pem() };
const digest = `sha256:${"a".repeat(64)}`;
const subject: TrustSubject = { digest, mediaType: "", size: 1, repository: "registry.test/team/app", tag: "1" };
const [v1, v02] = ["https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"];
const summary = "https://slsa.dev/verification_summary/v1";

const file = readTrustFile({
  name: "test",
  readFile: (name) => name,
  text: JSON.stringify({
    version: "1",
    signers: { release: { key: keys.release }, builder: { key: keys.builder } },
    rules: [
      {
        scope: "registry.test/team/*",
        require: { anyOf: ["release"] },
        attestations: [{ predicateType: v1, require: { anyOf: ["builder"] } }],
      },
    ],
  }),
});

const says = (
  who: keyof typeof keys,
  predicateType: string,
  predicate: JsonValue,
  of: string = digest,
): VerifiedStatement => ({
  ...{ format: "sigstore-bundle", signer: { kind: "key", keyId: keyIdOfPem(keys[who], who) }, digest: of },
  ...{ repository: "", tag: "", predicateType, predicate, signedAtMs: 0, hasTimestamp: false, isInLog: false },
});
const factsOf = (...statements: readonly VerifiedStatement[]) =>
  provenanceFacts({ file, subject, statements, nowMs: 0 });

const workflow = (builder: string, commit: string): JsonValue => ({
  buildDefinition: {
    buildType: "https://actions.test/workflow/v1",
    externalParameters: { workflow: { repository: "https://git.test/team/app", ref: "refs/heads/main" } },
    resolvedDependencies: [
      { uri: "git+https://git.test/team/other@refs/heads/main", digest: { gitCommit: "0000" } },
      { uri: "git+https://git.test/team/app@refs/heads/main", digest: { gitCommit: commit } },
    ],
  },
  runDetails: { builder: { id: builder } },
});

test("provenance of the rule's builder becomes facts; a verification summary raises the level", () => {
  const facts = {
    ...{ provenance: true, provenanceBuilder: "https://runner.test", provenanceLevel: 1 },
    ...{ provenanceBuildType: "https://actions.test/workflow/v1", provenanceSource: "https://git.test/team/app" },
    provenanceRevision: "c0ffee",
  };
  const stated = says("builder", v1, workflow("https://runner.test", "c0ffee"));
  const passed = { verificationResult: "PASSED", verifiedLevels: ["SLSA_BUILD_LEVEL_3", "OTHER_LEVEL_9"] };
  assert.deepEqual(
    [
      factsOf(stated),
      factsOf(stated, says("release", summary, passed)).provenanceLevel,
      factsOf(stated, says("release", summary, { ...passed, verificationResult: "FAILED" })).provenanceLevel,
      factsOf(stated, says("mallory", summary, passed)).provenanceLevel,
      factsOf(says("release", summary, passed)).provenanceLevel,
    ],
    [facts, 3, 1, 1, 0],
  );
});

test("provenance by somebody else, by who may sign but not attest, or of another image is none", () => {
  const predicate = workflow("https://runner.test", "c0ffee");
  const none = [
    factsOf(),
    factsOf(says("mallory", v1, predicate)),
    factsOf(says("release", v1, predicate)),
    factsOf(says("builder", v1, predicate, `sha256:${"b".repeat(64)}`)),
    factsOf(says("builder", "https://slsa.dev/provenance/v1x", predicate)),
    provenanceFacts({
      ...{ file, statements: [says("builder", v1, predicate)], nowMs: 0 },
      subject: { ...subject, repository: "registry.test/elsewhere/app" },
    }),
  ];
  for (const facts of none) assert.deepEqual(facts, noProvenance);
});

test("two that are believed and disagree leave the fact empty: no rule is met by the one that suits it", () => {
  const facts = factsOf(
    says("builder", v1, workflow("https://runner.test", "c0ffee")),
    says("builder", v1, workflow("https://other.test", "c0ffee")),
  );
  assert.deepEqual([facts.provenance, facts.provenanceBuilder, facts.provenanceRevision], [true, "", "c0ffee"]);
});

test("the provenance of BuildKit and of SLSA v0.2 is read as well; what is odd reads as nothing", () => {
  const configSource = { uri: "https://git.test/team/app.git#main", digest: { sha1: "beef" } };
  const old = {
    builder: { id: "https://old.test" },
    buildType: "https://mobyproject.org/buildkit@v1",
    invocation: { configSource },
  };
  const buildKit = {
    buildDefinition: {
      buildType: "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
      externalParameters: { configSource },
    },
    runDetails: { builder: { id: "https://new.test" } },
  };
  const source = { source: configSource.uri, revision: "beef" };
  assert.deepEqual(
    [readProvenance(old), readProvenance(buildKit)],
    [
      { builder: "https://old.test", buildType: old.buildType, ...source },
      { builder: "https://new.test", buildType: buildKit.buildDefinition.buildType, ...source },
    ],
  );
  const nothing = { builder: "", buildType: "", source: "", revision: "" };
  for (const odd of [null, 7, "text", [], { builder: [] }, { buildDefinition: { resolvedDependencies: [null] } }]) {
    assert.deepEqual(readProvenance(odd), nothing);
  }
  assert.equal(factsOf(says("release", v02, old)).provenanceBuilder, "https://old.test");
});
