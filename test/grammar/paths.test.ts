// Rows P01 to P32 of the catalogue: every way to write a path that some reader takes for another one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { understand, verdict } from "../support/understand.ts";

const list = "GET /v1.41/containers/json";

const paths: readonly (readonly [row: string, method: string, target: string, expected: string])[] = [
  ["P01 a version", "GET", "/v1.41/containers/json", list],
  ["P01 no version means the newest", "GET", "/containers/json", list],
  ["P02 a huge minor version", "GET", "/v1.40.9999/containers/json", "400 request/api-version"],
  ["P02 a minor version above the engine's", "GET", "/v1.9999/containers/json", list],
  ["P03 leading zeros", "GET", "/v01.041/containers/json", "400 request/api-version"],
  ["P04 a version above the engine's is brought down", "GET", "/v1.99/containers/json", list],
  ["P05 an empty version", "GET", "/v./containers/json", "400 request/api-version"],
  ["P05 a version that is only a letter", "GET", "/v/containers/json", "400 request/api-version"],
  ["P05 a capital V", "GET", "/V1.41/containers/json", "400 request/api-version"],
  ["O01 a version below 1.24 is brought up", "GET", "/v1.20/containers/json", "GET /v1.24/containers/json"],
  ["O02 an ancient version", "GET", "/v1.12/containers/json", "GET /v1.24/containers/json"],
  ["two versions", "GET", "/v1.41/v1.41/containers/json", "403 request/unknown-route"],
  ["P06 a double slash", "GET", "//containers/json", "400 request/path"],
  ["P06 a double slash inside", "GET", "/v1.41//containers/json", "400 request/path"],
  ["P07 dot segments", "GET", "/v1.41/images/../containers/json", "400 request/path"],
  ["P07 a single dot", "GET", "/v1.41/./containers/json", "400 request/path"],
  ["P08 an escaped slash", "GET", "/v1.41/containers%2fjson", "400 request/path"],
  ["P09 escaped letters are letters", "GET", "/%63ontainers/%6ason", list],
  ["P10 an escaped slash after the version", "GET", "/v1.41%2fcontainers%2fjson", "400 request/path"],
  ["P11 escaped dots", "GET", "/v1.41/images/%2e%2e/containers/json", "400 request/path"],
  ["P12 a slash at the end", "GET", "/containers/json/", "400 request/path"],
  ["P13 upper case", "GET", "/Containers/json", "403 request/unknown-route"],
  ["P14 absolute form", "GET", "http://evil/containers/json", "400 request/path"],
  ["P15 absolute form with user", "GET", "http://u:p@evil/containers/json", "400 request/path"],
  ["authority form", "GET", "docker:80", "400 request/path"],
  ["asterisk form", "GET", "*", "400 request/path"],
  ["P16 an escaped question mark", "GET", "/containers/json%3fall=1", "403 request/unknown-route"],
  ["P17 a semicolon", "GET", "/containers/json;x", "403 request/unknown-route"],
  ["P18 NUL", "GET", "/containers%00/json", "400 request/path"],
  ["P19 a fragment", "GET", "/containers/json#x", "400 request/path"],
  ["P20 a backslash", "GET", "/containers\\json", "400 request/path"],
  ["P20 an escaped backslash", "GET", "/containers%5cjson", "400 request/path"],
  ["P21 escaped twice", "GET", "/containers%252fjson", "400 request/path"],
  ["P22 HEAD of a GET route", "HEAD", "/containers/json", "403 request/unknown-route"],
  ["P23 a lower-case method", "get", "/containers/json", "403 request/unknown-route"],
  ["a method of WebDAV", "PROPFIND", "/containers/json", "403 request/unknown-route"],
  ["CONNECT", "CONNECT", "/containers/json", "403 request/unknown-route"],
  ["OPTIONS", "OPTIONS", "/containers/json", "403 request/unknown-route"],
  ["an overlong slash in UTF-8", "GET", "/containers%c0%afjson", "400 request/path"],
  ["half an escape", "GET", "/containers/json%2", "400 request/path"],
  ["letters beyond ASCII", "GET", "/containers/\u00fc/json", "400 request/path"],
  ["a space", "GET", "/containers/a b/json", "400 request/path"],
  ["P26 an image name with slashes", "GET", "/images/r.io:5000/a/b:c/json", "GET /v1.41/images/r.io:5000/a/b:c/json"],
  ["P26 an image called json", "GET", "/images/json/json", "GET /v1.41/images/json/json"],
  ["P26 an image called push", "POST", "/images/push/push", "POST /v1.41/images/push/push"],
  ["P26 an image whose last part is a verb", "GET", "/images/a/get/history", "GET /v1.41/images/a/get/history"],
  ["P26 no image name at all", "GET", "/images/A/../json", "400 request/path"],
  ["P26 an image name that the engine refuses", "GET", "/images/A/json", "400 request/name"],
  ["P26 an escaped slash in an image name", "GET", "/images/a%2fb/json", "400 request/path"],
  ["P27 all images by names", "GET", "/images/get?names=a&names=b", "GET /v1.41/images/get?names=a&names=b"],
  ["O03 copy is gone", "POST", "/v1.19/containers/a/copy", "403 request/unknown-route"],
  ["a name with two parts", "GET", "/containers/a/b/json", "403 request/unknown-route"],
  ["an unknown call", "GET", "/v1.41/containers/a/secrets", "403 request/unknown-route"],
  ["T22 session", "POST", "/session", "POST /v1.41/session"],
  ["T22 grpc", "POST", "/grpc", "POST /v1.41/grpc"],
  ["T23 debug pages", "GET", "/debug/pprof/goroutine", "GET /debug/pprof/goroutine"],
  [
    "libpod keeps its version",
    "POST",
    "/v4.3.1/libpod/containers/create",
    "POST /v4.3.1/libpod/containers/create <stream>",
  ],
  ["libpod without version", "GET", "/libpod/info", "GET /libpod/info"],
  ["compat with a libpod version", "GET", "/v4.3.1/containers/json", "400 request/api-version"],
  ["a target of 65 KiB", "GET", `/containers/${"a".repeat(66000)}/json`, "414 request/target-length"],
];

for (const [row, method, target, expected] of paths) {
  test(row, () => assert.equal(verdict({ method, target }), expected));
}

test("P24 a header that overrides the method changes nothing", () => {
  const headers = ["X-HTTP-Method-Override", "DELETE"];
  const result = understand({ target: "/containers/json", headers });
  assert.deepEqual(result, {
    method: "GET",
    target: "/v1.41/containers/json",
    action: "container.list",
    body: "",
    headers: {},
  });
});

test("a refused target does not put what it carries into the record", () => {
  const messages = ["http://user:hunter2@evil/info", "/info?token=hunter2#x", "/x/../y?token=hunter2"].map((target) => {
    const result = understand({ target });
    return "message" in result ? result.message : "";
  });
  assert.ok(messages.every((message) => message !== "" && !message.includes("hunter2")));
});

test("libpod is one action, whatever the path", () => {
  const result = understand({ method: "DELETE", target: "/v4.3.1/libpod/containers/a?force=true" });
  assert.deepEqual("action" in result && [result.action, result.target], [
    "system.libpod",
    "/v4.3.1/libpod/containers/a?force=true",
  ]);
});

test("an engine newer than our tables is spoken to in 1.56, one older than 1.24 not at all", () => {
  assert.deepEqual(
    [
      verdict({ target: "/v1.60/info", engine: { apiVersion: "1.60", minApiVersion: "1.44" } }),
      verdict({ target: "/v1.30/info", engine: { apiVersion: "1.60", minApiVersion: "1.44" } }),
      verdict({ target: "/info", engine: { apiVersion: "1.22", minApiVersion: "1.12" } }),
      verdict({ target: "/info", engine: { apiVersion: "1.70", minApiVersion: "1.60" } }),
    ],
    ["GET /v1.56/info", "GET /v1.44/info", "400 request/api-version", "400 request/api-version"],
  );
});

test("a name from outside cannot add a query or a second segment", () => {
  assert.deepEqual(
    ["/containers/a%3fall=1/json", "/containers/a%26b/json", "/volumes/a%20b", "/networks/%C3%BC"].map((target) =>
      verdict({ target }),
    ),
    [
      "GET /v1.41/containers/a%3Fall%3D1/json",
      "GET /v1.41/containers/a%26b/json",
      "GET /v1.41/volumes/a%20b",
      "GET /v1.41/networks/%C3%BC",
    ],
  );
});
