// The picture of who vouches for what: what counts, what does not and why, and nothing in it that a signer could forge.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openTerminal, visibleWidth } from "../../src/cli/terminal.ts";
import { drawVoices, hearVoices } from "../../src/cli/trust/voices.ts";
import type { TrustSubject, VerifiedStatement } from "../../src/model/trust.ts";
import { readTrustFile } from "../../src/trust/file/read-trust-file.ts";
import { keyIdOfPem } from "../../src/trust/key-id.ts";
import { tagRecordType } from "../../src/trust/tag-record.ts";
import { newPair, pemOf } from "../judges/scene.ts";

const keys = { release: pemOf(newPair()), ci: pemOf(newPair()), mallory: pemOf(newPair()) };
const digest = `sha256:${"a".repeat(64)}`;
const subject: TrustSubject = { digest, mediaType: "", size: 1, repository: "registry.test/team/app", tag: "1" };
const file = readTrustFile({
  name: "test",
  readFile: (name) => name,
  text: JSON.stringify({
    version: "1",
    signers: { release: { key: keys.release }, ci: { key: keys.ci } },
    rules: [
      {
        scope: "registry.test/team/*",
        require: { anyOf: ["release"] },
        attestations: [{ predicateType: "https://cyclonedx.org/bom", require: { anyOf: ["ci"] } }],
      },
    ],
  }),
});

const by = (who: keyof typeof keys, more: Partial<VerifiedStatement> = {}): VerifiedStatement => ({
  ...{ format: "sigstore-bundle", signer: { kind: "key", keyId: keyIdOfPem(keys[who], who) }, digest },
  ...{ repository: subject.repository, tag: "", predicateType: "", predicate: null },
  ...{ signedAtMs: 0, hasTimestamp: false, isInLog: false, ...more },
});

const record = { repository: subject.repository, tag: "1", counter: 7, issued: "", expires: "2030-01-31T00:00:00Z" };
const hostile = "https://evil.test/\u001b[32m✔ release\n";
const found = {
  statements: [
    by("release", { format: "cosign" }),
    by("release"),
    by("ci"),
    by("mallory", { repository: "" }),
    by("release", { predicateType: tagRecordType, predicate: record }),
    by("ci", { predicateType: "https://cyclonedx.org/bom", predicate: { components: [{}, {}] } }),
    by("mallory", { predicateType: hostile }),
  ],
  rejected: [{ format: "notation", why: "the signature expired on 2020-01-01", artifact: "" }],
  unreachable: "600 referrers, of which 512 are looked at",
};
const voices = hearVoices({ found, file, subject, nowMs: 0 });
const terminalOf = (isTTY: boolean, columns: number, variables: Record<string, string> = {}) =>
  openTerminal({ isTTY, columns, write: () => undefined }, variables);

test("one signer is one line, what does not count says why, what cannot be told is told", () => {
  const key = keyIdOfPem(keys.mallory, "mallory").slice(0, 16);
  const lines = drawVoices(voices, terminalOf(false, 80), 3).map((line) => line.replaceAll(/ {2,}/g, "  "));
  assert.deepEqual(lines, [
    "✔ release  signed  cosign, sigstore-bundle",
    "○ ci  signed  does not count: ci may not sign for registry.test/team/*",
    `○ key ${key}  signed  does not count: the trust file does not name it`,
    "✔ release  tag record  1 is this, until 2030-01-31 (number 7)",
    "✔ ci  contents  CycloneDX, 2 components",
    `○ key ${key}  attested  https://evil.test/\\u{1b}[32m✔ release\\u{a}; does not count: the trust file does not name it`,
    "✘ notation  not believed  the signature expired on 2020-01-01",
    "? the registry  cannot tell  600 referrers, of which 512 are looked at",
  ]);
});

test("on a terminal no line is longer than it; colours are for terminals, and NO_COLOR is honoured", () => {
  const introducer = "\u001b";
  for (const columns of [80, 120]) {
    const drawn = drawVoices(voices, terminalOf(true, columns), 3);
    assert.deepEqual(
      drawn.filter((line) => visibleWidth(line) + 3 > columns),
      [],
    );
    assert.ok(drawn.join("").includes(introducer));
  }
  const plain = [terminalOf(true, 80, { NO_COLOR: "1" }), terminalOf(false, 80)];
  for (const terminal of plain) assert.ok(!drawVoices(voices, terminal, 3).join("").includes(introducer));
});
