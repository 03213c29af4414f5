import assert from "node:assert/strict";
import { test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import * as schema from "../../src/base/schema.ts";

const listener = schema.exactObject({
  name: schema.string,
  mode: schema.literal("observe", "enforce"),
  port: schema.optional(schema.integer),
  tls: schema.optional(schema.boolean),
  labels: schema.optional(schema.record(schema.either(schema.string, schema.number))),
  groups: schema.optional(schema.array(schema.nullable(schema.string))),
});

function read(value: unknown): unknown {
  try {
    return schema.decode(listener, value, { code: "CONFIG_INVALID", where: "plimsoll.yaml", hint: "look there" });
  } catch (error) {
    assert.ok(error instanceof PlimsollError);
    return `${error.code} ${error.message}; ${error.hint}`;
  }
}

test("a document of the right shape comes back with its types", () => {
  const value = { name: "a", mode: "enforce", port: 1, tls: false, groups: ["x", null] };
  assert.deepEqual(read({ ...value, labels: null }), value);
});

test("a mistake is named by file and path", () => {
  assert.deepEqual(
    [
      { mode: "enforce" },
      { name: "a", mode: "warn" },
      { name: "a", mode: "enforce", port: 1.5 },
      { name: "a", mode: "enforce", labels: { x: { y: true } } },
      { name: "a", mode: "enforce", groups: ["a", 7] },
      { name: "a", mode: "enforce", prot: 1 },
      [],
    ].map(read),
    [
      "CONFIG_INVALID plimsoll.yaml: name: expected a string, found nothing; look there",
      'CONFIG_INVALID plimsoll.yaml: mode: expected one of observe, enforce, found "warn"; look there',
      "CONFIG_INVALID plimsoll.yaml: port: expected a whole number, found 1.5; look there",
      "CONFIG_INVALID plimsoll.yaml: labels.x: expected a number, found an object; look there",
      "CONFIG_INVALID plimsoll.yaml: groups[1]: expected a string, found 7; look there",
      "CONFIG_INVALID plimsoll.yaml: prot: no such key, expected one of name, mode, port, tls, labels, groups; look there",
      "CONFIG_INVALID plimsoll.yaml: document: expected an object, found an array; look there",
    ],
  );
});

test("an engine's answer may have more fields than we read, and inherited ones do not count", () => {
  const answer = schema.object({ ApiVersion: schema.string, toString: schema.optional(schema.anything) });
  assert.deepEqual(answer({ ApiVersion: "1.41", Os: "linux" }, ""), { ApiVersion: "1.41" });
});
