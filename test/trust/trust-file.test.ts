// The trust file: every mistake is heard, with the place and what was expected.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import { readTrustFile } from "../../src/trust/file/read-trust-file.ts";

const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const files: Readonly<Record<string, string>> = {
  "a.pub": pair.publicKey.export({ type: "spki", format: "pem" }).toString(),
  "a.key": pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
};
const read = (text: string) =>
  readTrustFile({ name: "trust.yaml", text, readFile: (name) => files[name] ?? assert.fail(`no file ${name}`) });

test("mistakes in a trust file", () => {
  const signer = "signers: { a: { key: a.pub } }";
  const rule = (rest: string) => `version: 1\n${signer}\nrules: [{ scope: r.test/a, ${rest} }]`;
  const cases: Readonly<Record<string, readonly [string, RegExp]>> = {
    "a version that is not known": ["version: 2", /version: expected one of 1/],
    "a key that is not known": ["version: 1\nrule: []", /rule: no such key, expected one of .*rules/],
    "a key written twice": ["version: 1\nlocal: deny\nlocal: allow", /line 3: .*unique/],
    "S26: a mark of byte order in the middle": ["version: 1\n\ufefflocal: allow", /no such key/],
    "S26: one scope twice": [
      "version: 1\nrules: [{ scope: r.test/a, mode: off }, { scope: r.test/a, mode: off }]",
      /scope r\.test\/a has two rules/,
    ],
    "S26: a scope that is a pattern": ["version: 1\nrules: [{ scope: r.test/*/x, mode: off }]", /expected a name/],
    "an alias that grows": ["version: 1\nrules: &a [*a]", /trust\.yaml: .*/],
    "a private key where a public one belongs": [
      "version: 1\nsigners: { a: { key: a.key } }",
      /signers\.a\.key: expected a public key/,
    ],
    "two kinds of one signer": [
      "version: 1\nsigners: { a: { key: a.pub, gpg: { fingerprint: x, key: y } } }",
      /signers\.a: expected one of/,
    ],
    "one key under two names": [
      "version: 1\nsigners: { a: { key: a.pub }, b: { key: a.pub } }",
      /signers a and b are the same key/,
    ],
    "a signer that nobody introduced": [rule("require: { anyOf: [b] }"), /no signer is called "b"/],
    "nobody at all": [rule("require: { anyOf: [] }"), /no signer is named/],
    "no demand": [rule("mode: enforce"), /who has to sign is missing/],
    "two of one": [rule("require: { threshold: 2, of: [a, a] }"), /threshold 2 of 1 different signers/],
    "none of one": [rule("require: { threshold: 0, of: [a] }"), /threshold 0 of 1/],
    "a threshold without its list": [rule("require: { threshold: 1, anyOf: [a] }"), /belong together/],
    "a scope with a tag": [
      `version: 1\n${signer}\nrules: [{ scope: "r.test/a:1", require: { anyOf: [a] } }]`,
      /without tag and digest/,
    ],
    "a scope that is a pattern": [
      `version: 1\n${signer}\nrules: [{ scope: "r.test/a*", require: { anyOf: [a] } }]`,
      /expected a name/,
    ],
    "two rules for one scope": [
      `version: 1\n${signer}\nrules: [{ scope: busybox, require: { anyOf: [a] } }, { scope: docker.io/library/busybox, mode: warn, require: { anyOf: [a] } }]`,
      /scope docker\.io\/library\/busybox has two rules/,
    ],
    "a digest that is none": ["version: 1\nrevoked: { digests: ['sha256:x'] }", /no digest/],
  };
  for (const [name, [text, message]] of Object.entries(cases)) {
    assert.throws(
      () => read(text),
      (thrown) => {
        assert.ok(thrown instanceof PlimsollError, name);
        assert.match(thrown.message, message, name);
        return true;
      },
      name,
    );
  }
});

test("names are canonical and files that it names are read", () => {
  const file = read("version: 1\nsigners: { a: { key: a.pub } }\nrules: [{ scope: busybox, require: { allOf: [a] } }]");
  assert.deepEqual(
    [file.rules[0]?.scope, file.rules[0]?.signers, file.otherwise, file.local, file.material.keys],
    ["docker.io/library/busybox", { needed: 1, of: ["a"] }, "deny", "deny", [files["a.pub"]]],
  );
});

test("S26: a mark of byte order before a trust file, as editors leave it, changes nothing of it", () => {
  const file = readTrustFile({ name: "trust.yaml", text: "\ufeffversion: 1\nlocal: warn\n", readFile: () => "" });
  assert.equal(file.local, "warn");
});
