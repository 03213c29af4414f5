import assert from "node:assert/strict";
import { test } from "node:test";
import { understand, verdict } from "../support/understand.ts";

const form = "application/x-www-form-urlencoded";

function typed(type: string, target = "/containers/create", body = '{"Image":"a"}'): string {
  return verdict({
    method: "POST",
    target,
    body,
    headers: ["Content-Type", type, "Content-Length", String(body.length)],
  });
}

test("C21 to C25: JSON is JSON by its media type, parameters and case aside", () => {
  const created = 'POST /v1.41/containers/create {"Image":"a","HostConfig":{}}';
  assert.deepEqual(
    ["application/json; charset=utf-8", "APPLICATION/JSON", "", "text/plain", "application/jsonx", "text/json"].map(
      (type) => typed(type),
    ),
    [created, created, ...Array(4).fill("415 request/media-type")],
  );
});

test("P29, P30, P31, S04: forms override the query in the engine, so no call may carry one", () => {
  assert.deepEqual(
    [
      typed(form, "/images/a/tag?repo=b", "repo=evil"),
      typed(`${form}; charset=utf-8`, "/containers/a/kill", "signal=KILL"),
      typed("Application/X-WWW-Form-Urlencoded", "/images/create?fromImage=a", "fromSrc=http://x"),
      typed("multipart/form-data; boundary=x", "/containers/a/rename?name=b", "--x"),
      typed(form, "/build", "remote=http://x"),
      typed(form, "/images/load", "x"),
      verdict({
        method: "POST",
        target: "/containers/a/kill",
        headers: ["Content-Type", form, "Transfer-Encoding", "chunked"],
      }),
      verdict({ method: "POST", target: "/containers/a/kill", headers: ["Content-Type", form, "Content-Length", "0"] }),
    ],
    [...Array(7).fill("415 request/media-type"), "POST /v1.41/containers/a/kill"],
  );
});

const framings: readonly (readonly [row: string, headers: readonly string[], expected: string])[] = [
  ["T07 both framings", ["Content-Length", "2", "Transfer-Encoding", "chunked"], "400 request/header"],
  ["T10 CHUNKED", ["Transfer-Encoding", "CHUNKED"], "POST /v1.41/build <stream>"],
  ["T11 identity", ["Transfer-Encoding", "identity"], "400 request/header"],
  ["T11 gzip, chunked", ["Transfer-Encoding", "gzip, chunked"], "400 request/header"],
  ["T12 two lengths", ["Content-Length", "2", "Content-Length", "2"], "400 request/header"],
  ["T13 a length that is no number", ["Content-Length", "+2"], "400 request/header"],
  ["T19 an archive called encoded", ["Content-Encoding", "gzip", "Content-Length", "2"], "POST /v1.41/build <stream>"],
  ["an encoding that is none", ["Content-Encoding", "identity", "Content-Length", "2"], "POST /v1.41/build <stream>"],
  ["two media types", ["Content-Type", "a/b", "Content-Type", form, "Content-Length", "2"], "400 request/header"],
];

for (const [row, headers, expected] of framings) {
  test(row, () => assert.equal(verdict({ method: "POST", target: "/build", headers }), expected));
}

test("T19 an encoded document is refused: the engine would read it as it is", () => {
  const headers = ["Content-Encoding", "gzip", "Content-Type", "application/json", "Content-Length", "2"];
  assert.equal(verdict({ method: "POST", target: "/containers/create", headers }), "415 request/content-encoding");
});

test("a body that is announced as too long is refused before it is read", () => {
  const announced = (target: string, length: number): string =>
    verdict({
      method: "POST",
      target,
      headers: ["Content-Type", "application/json", "Content-Length", String(length)],
    });
  assert.deepEqual(
    [announced("/containers/create", 4194305), announced("/containers/a/start", 65537), announced("/build", 10 ** 12)],
    ["413 request/body-too-long", "413 request/body-too-long", "POST /v1.41/build <stream>"],
  );
});

test("T01: HTTP/1.0 may ask, but not attach", () => {
  assert.deepEqual(
    [
      verdict({ target: "/_ping", httpVersion: "1.0" }),
      verdict({ method: "POST", target: "/containers/a/attach", httpVersion: "1.0" }),
      verdict({ target: "/containers/a/attach/ws", httpVersion: "1.0" }),
      verdict({ target: "/_ping", httpVersion: "2.0" }),
    ],
    ["GET /v1.41/_ping", "400 request/http-version", "400 request/http-version", "400 request/http-version"],
  );
});

test("only headers that we wrote or understood reach the engine", () => {
  const headers = [
    ...[
      "Host",
      "evil",
      "User-Agent",
      "Docker-Client/28",
      "Authorization",
      "Basic x",
      "Cookie",
      "a=b",
      "Connection",
      "close, x",
    ],
    ...[
      "X-Forwarded-For",
      "1.2.3.4",
      "X-Meta-A",
      "b",
      "X-Registry-Auth",
      "e30=",
      "Expect",
      "100-continue",
      "TE",
      "trailers",
    ],
    ...["Content-Type", "application/json; charset=x", "Content-Length", "2"],
  ];
  const result = understand({ method: "POST", target: "/containers/create", body: "{}", headers });
  assert.deepEqual("headers" in result && result.headers, {
    "user-agent": "Docker-Client/28",
    "content-type": "application/json",
  });
});

function registryAuth(value: string, target = "/images/create?fromImage=a"): unknown {
  const result = understand({ method: "POST", target, headers: ["X-Registry-Auth", value] });
  if ("refused" in result) return `${result.status} ${result.refused}`;
  const header = result.headers["x-registry-auth"];
  return typeof header === "string" ? Buffer.from(header, "base64url").toString() : header;
}

const base64 = (value: string): string => Buffer.from(value).toString("base64");

test("registry credentials are decoded, checked and written anew", () => {
  assert.deepEqual(
    [
      registryAuth(base64('{"username":"a","password":"?~?~","serveraddress":"r.io"}')),
      registryAuth(base64('{"Username":"a","key":1}')),
      registryAuth(base64("{}").replace("=", "")),
      registryAuth(""),
      registryAuth(base64("null")),
      registryAuth(base64('{"serveraddress":"a","ServerAddress":"b"}')),
      registryAuth(base64('{"username":["a"]}')),
      registryAuth(base64("[]")),
      registryAuth("not base64!"),
      registryAuth(base64("{} x")),
      registryAuth("A".repeat(70_000)),
      registryAuth(base64("{}"), "/containers/a/start"),
    ],
    [
      '{"username":"a","password":"?~?~","serveraddress":"r.io"}',
      '{"username":"a"}',
      "{}",
      undefined,
      "{}",
      "400 request/duplicate-key",
      "400 request/wrong-type",
      "400 request/wrong-type",
      "400 request/header",
      "400 request/malformed-json",
      "431 request/header",
      undefined,
    ],
  );
});

test("a refusal of credentials never shows them", () => {
  const value = base64('{"password":"hunter2","Password":"hunter2"}');
  const result = understand({
    method: "POST",
    target: "/images/create?fromImage=a",
    headers: ["X-Registry-Auth", value],
  });
  assert.ok("message" in result);
  assert.doesNotMatch(result.message, /hunter2|aHVudGVy/);
});

test("builds carry credentials for many registries, sessions say what they offer", () => {
  const config = base64('{"r.io":{"username":"a","password":"b"}}');
  const build = understand({ method: "POST", target: "/build", headers: ["X-Registry-Config", config] });
  const session = understand({
    method: "POST",
    target: "/session",
    headers: [
      ...["X-Docker-Expose-Session-Uuid", "u", "X-Docker-Expose-Session-Grpc-Method", "/a"],
      ...["X-Docker-Expose-Session-Grpc-Method", "/b", "Upgrade", "h2c", "Connection", "Upgrade"],
    ],
  });
  assert.deepEqual(
    ["headers" in build && build.headers, "headers" in session && session.headers],
    [
      {
        "content-type": "application/x-tar",
        "x-registry-config": Buffer.from('{"r.io":{"username":"a","password":"b"}}').toString("base64"),
      },
      { "x-docker-expose-session-uuid": ["u"], "x-docker-expose-session-grpc-method": ["/a", "/b"] },
    ],
  );
});
