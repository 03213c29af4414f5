// What may be recorded of a URL.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutCredentials, withoutUserInfo } from "../../src/base/redact-url.ts";

test("user, password and query go, everything else stays", () => {
  const urls = [
    "https://user:secret@example.org/x.git#main:dir",
    "https://token@example.org:8443/x",
    "https://us@er:sec@ret@example.org/x",
    "https://example.org/x?X-Signature=secret#frag",
    "user:secret@example.org/x",
    "git@example.org:team/x.git",
    "https://example.org/a@b",
    "http://example.org",
    "-",
    "",
  ];
  assert.deepEqual(urls.map(withoutCredentials), [
    "https://example.org/x.git#main:dir",
    "https://example.org:8443/x",
    "https://example.org/x",
    "https://example.org/x#frag",
    "example.org/x",
    "git@example.org:team/x.git",
    "https://example.org/a@b",
    "http://example.org",
    "-",
    "",
  ]);
});

test("user and password go from URLs anywhere in a text", () => {
  assert.equal(
    withoutUserInfo('{"a":"see https://u:p@x/y and http://z@w","b":"mail@example.org https://ok/a@b"}'),
    '{"a":"see https://x/y and http://w","b":"mail@example.org https://ok/a@b"}',
  );
});
