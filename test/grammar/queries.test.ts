import assert from "node:assert/strict";
import { test } from "node:test";
import { understand, verdict } from "../support/understand.ts";

const filters = (value: unknown): string => `/containers/json?filters=${encodeURIComponent(JSON.stringify(value))}`;

function filtered(target: string): unknown {
  const result = understand({ target });
  if ("refused" in result) return result.refused;
  const value = new URLSearchParams(result.target.split("?")[1] ?? "").get("filters");
  return value === null ? null : JSON.parse(value);
}

test("booleans mean what the engine takes them for", () => {
  const values = ["1", "true", "True", "yes", "2", " x ", "0", "no", "FALSE", "None", " false "];
  assert.deepEqual(
    values.map((value) => verdict({ target: `/containers/json?all=${encodeURIComponent(value)}` }).slice(-5)),
    [...Array(6).fill("all=1"), ...Array(5).fill("all=0")],
  );
});

test("an empty value is an absent one, except where its meaning differs between engines", () => {
  assert.deepEqual(
    [
      verdict({ target: "/containers/json?all=&limit=&filters=&since" }),
      verdict({ target: "/containers/a/stats?stream=" }),
      verdict({ method: "POST", target: "/commit?container=a&pause" }),
    ],
    ["GET /v1.41/containers/json", "400 request/query", "400 request/query"],
  );
});

test("P28 a parameter that stands twice is refused, a list may repeat", () => {
  assert.deepEqual(
    [
      verdict({ target: "/containers/json?all=0&all=1" }),
      verdict({ target: "/containers/json?all=1&%61ll=1" }),
      verdict({ method: "POST", target: "/build?t=a&t=b&t=a" }),
    ],
    ["400 request/duplicate-query", "400 request/duplicate-query", "POST /v1.41/build?t=a&t=b&t=a <stream>"],
  );
});

test("separators and encodings that readers differ on are refused", () => {
  assert.deepEqual(
    ["all=1;limit=2", "all=%zz", "all=%ff", "filters=%00", "%61ll=1&&", "limit=1+1", "x%3dy"].map((query) =>
      verdict({ target: `/containers/json?${query}` }),
    ),
    [
      "400 request/query",
      "400 request/query",
      "400 request/query",
      "400 request/query",
      "GET /v1.41/containers/json?all=1",
      "400 request/query",
      "GET /v1.41/containers/json",
    ],
  );
});

test("whole numbers have 64 bits", () => {
  assert.deepEqual(
    ["5", "+5", "-1", "007", "9223372036854775807", "9223372036854775808", "1e3", "0x10", "1.0", "٣"].map((value) =>
      verdict({ target: `/containers/json?limit=${encodeURIComponent(value)}` }).replace(
        "GET /v1.41/containers/json?",
        "",
      ),
    ),
    ["limit=5", "limit=5", "limit=-1", "limit=7", "limit=9223372036854775807", ...Array(5).fill("400 request/query")],
  );
});

test("both forms of filters become one, sorted", () => {
  const wanted = { label: { a: true, b: true }, name: { x: true } };
  assert.deepEqual(
    [
      filtered(filters({ name: ["x"], label: ["b", "a", "b"] })),
      filtered(filters({ label: { b: true, a: true }, name: { x: true } })),
      filtered(filters({})),
      filtered(filters({ label: null })),
    ],
    [wanted, wanted, null, { label: {} }],
  );
});

test("filters that no engine would take, or that hide a key, are refused", () => {
  assert.deepEqual(
    [
      filtered(filters({ label: { a: false } })),
      filtered(filters({ label: "a" })),
      filtered(filters({ label: [1] })),
      filtered(filters(["label"])),
      filtered("/containers/json?filters=%7B%22a%22%3A%5B%5D%2C%22a%22%3A%5B%22x%22%5D%7D"),
      filtered("/containers/json?filters=%7B%7D%20x"),
    ],
    [
      "request/query",
      "request/query",
      "request/query",
      "request/query",
      "request/duplicate-key",
      "request/malformed-json",
    ],
  );
});

test("JSON in the query of a build is read and written anew", () => {
  const query = (key: string, text: string): string =>
    verdict({ method: "POST", target: `/build?${key}=${encodeURIComponent(text)}` });
  assert.deepEqual(
    [
      query("ulimits", '[{"name":"nofile","HARD":2,"Soft":1}]'),
      query("ulimits", '[{"Hard":1,"hard":2}]'),
      query("buildargs", '{"a":"1","A":null}'),
      query("cachefrom", '["a"]'),
      query("labels", "null"),
      query("outputs", '[{"Type":"local","Attrs":{"dest":"/"}}]'),
      query("platform", "linux/amd64"),
    ].map((text) => decodeURIComponent(text)),
    [
      'POST /v1.41/build?ulimits=[{"Name":"nofile","Hard":2,"Soft":1}] <stream>',
      "400 request/duplicate-key",
      'POST /v1.41/build?buildargs={"a":"1","A":null} <stream>',
      'POST /v1.41/build?cachefrom=["a"] <stream>',
      "POST /v1.41/build <stream>",
      'POST /v1.41/build?outputs=[{"Type":"local","Attrs":{"dest":"/"}}] <stream>',
      "POST /v1.41/build?platform=linux/amd64 <stream>",
    ],
  );
});

test("a platform may be a document", () => {
  const platform = (text: string): string =>
    decodeURIComponent(verdict({ target: `/images/a/json?platform=${encodeURIComponent(text)}` }));
  assert.deepEqual(
    [platform('{"OS":"linux","architecture":"amd64"}'), platform('{"os":"linux","OS":"windows"}')],
    ['GET /v1.41/images/a/json?platform={"os":"linux","architecture":"amd64"}', "400 request/duplicate-key"],
  );
});

test("unknown parameters are refused, or dropped where the listener says so, and never sent", () => {
  const target = "/containers/json?all=1&evil=1";
  assert.deepEqual(
    [verdict({ target }), verdict({ target, unknownFields: "drop" }), verdict({ target: "/_ping?fromSrc=http://x" })],
    ["400 request/unknown-field", "GET /v1.41/containers/json?all=1", "400 request/unknown-field"],
  );
});

test("parameter names are exact: the engine does not fold them", () => {
  assert.equal(verdict({ target: "/containers/json?ALL=1" }), "400 request/unknown-field");
});

test("a pull and an import are two actions, a start from a checkpoint is a third kind of start", () => {
  const action = (target: string): unknown => {
    const result = understand({ method: "POST", target });
    return "action" in result ? [result.action, result.body] : result.refused;
  };
  assert.deepEqual(
    [
      action("/images/create?fromImage=a&tag=b"),
      action("/images/create?fromSrc=-&repo=a"),
      action("/images/create?fromSrc=http://127.0.0.1/x&repo=a"),
      action("/images/create?fromImage=&fromSrc=http://127.0.0.1/x"),
      action("/containers/a/start"),
      action("/containers/a/start?checkpoint=c"),
      action("/containers/a/start?checkpoint-dir=/etc"),
    ],
    [
      ["image.pull", ""],
      ["image.import", "<stream>"],
      ["image.import", ""],
      ["image.import", ""],
      ["container.start", ""],
      ["container.checkpoint", ""],
      ["container.checkpoint", ""],
    ],
  );
});
