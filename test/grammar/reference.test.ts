import assert from "node:assert/strict";
import { test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import { formatReference, parseReference, readImageId, withDefaultTag } from "../../src/base/reference.ts";

const hex = "0123456789abcdef".repeat(4);

function full(text: string): string {
  try {
    return formatReference(withDefaultTag(parseReference(text)));
  } catch (error) {
    assert.ok(error instanceof PlimsollError);
    return error.code;
  }
}

const names: Readonly<Record<string, string>> = {
  busybox: "docker.io/library/busybox:latest",
  "busybox:1.36": "docker.io/library/busybox:1.36",
  "user/app": "docker.io/user/app:latest",
  "docker.io/busybox": "docker.io/library/busybox:latest",
  "index.docker.io/library/busybox": "docker.io/library/busybox:latest",
  "127.0.0.1:5000/a/b:c": "127.0.0.1:5000/a/b:c",
  "localhost/a": "localhost/a:latest",
  "Example.COM/a": "Example.COM/a:latest",
  "[::1]:5000/a": "[::1]:5000/a:latest",
  [`a@sha256:${hex}`]: `docker.io/library/a@sha256:${hex}`,
  [`a:b@sha256:${hex}`]: `docker.io/library/a:b@sha256:${hex}`,
  "a__b--c.d": "docker.io/library/a__b--c.d:latest",
  "sha256:abcdef": "docker.io/library/sha256:abcdef",
};

test("names are read as the engine reads them", () => {
  assert.deepEqual(Object.fromEntries(Object.keys(names).map((name) => [name, full(name)])), names);
});

const broken = [
  "",
  "A",
  "User/app",
  "a//b",
  "/a",
  "a/",
  "a:",
  "a:b:c",
  "a:-b",
  "a@sha256:abc",
  `a@sha256:${hex.toUpperCase()}`,
  `a@md5:${hex}`,
  "a b",
  "a___b",
  "-a",
  "../a",
  "a/../b",
  "a%2fb",
  "a\nb",
  `a:${"x".repeat(129)}`,
  `${"a".repeat(256)}`,
  hex,
];

test("what is no name is refused, ids included", () => {
  assert.deepEqual(
    broken.filter((text) => full(text) !== "MALFORMED_INPUT"),
    [],
  );
});

test("a full id is an id, with or without its algorithm", () => {
  assert.deepEqual(
    [hex, `sha256:${hex}`, `sha256:${hex.slice(1)}`, hex.slice(0, 12), hex.toUpperCase()].map(readImageId),
    [`sha256:${hex}`, `sha256:${hex}`, undefined, undefined, undefined],
  );
});
