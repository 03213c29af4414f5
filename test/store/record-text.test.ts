// Records are put together from parts that are kept; what comes out is canonical JSON of the whole, byte for byte.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalJson } from "../../src/base/canonical-json.ts";
import type { AuditOpening, AuditOutcome } from "../../src/model/audit.ts";
import { recordWriter } from "../../src/store/record.ts";
import { completed, opening } from "./records.ts";

const text = fc.oneof(fc.constantFrom("", "a", "b"), fc.string({ unit: "grapheme", maxLength: 8 }));
const facts = fc.dictionary(
  fc.constantFrom("z", "a", "é", "\u{1f600}", "memory", "capAdd"),
  fc.oneof(text, fc.boolean(), fc.integer(), fc.array(text, { maxLength: 3 })),
  { noNullPrototype: true },
);
const rule = fc.record({
  id: text,
  kind: fc.constantFrom("policy" as const, "request" as const),
  file: text,
  line: fc.nat(3),
});
const changes = fc.record(
  {
    id: text,
    time: text,
    listener: text,
    mode: fc.constantFrom("observe" as const, "enforce" as const),
    caller: fc.constantFrom(opening().caller, {
      ...opening().caller,
      name: 'b"b',
      process: { pid: 1, uid: 2, gid: 3 },
    }),
    method: text,
    path: text,
    resource: fc.record({
      ...{ type: fc.constantFrom("Image" as const, "Container" as const), id: text, name: text, owner: text },
      isShared: fc.boolean(),
    }),
    facts,
    verdict: fc.constantFrom("allow" as const, "deny" as const),
    wouldDeny: fc.boolean(),
    rules: fc.array(rule, { maxLength: 2 }),
    reason: text,
  },
  { requiredKeys: [] },
);
const outcome = fc.record({
  ...{
    status: fc.nat(599),
    bytesIn: fc.nat(),
    bytesOut: fc.maxSafeNat(),
    durationMs: fc.nat(100_000).map((us) => us / 1000),
  },
  end: fc.constantFrom("complete" as const, "client-gone" as const, "interrupted" as const),
});

test("any sequence of requests is written as if each were the first", () => {
  const request = fc.tuple(changes, outcome, fc.boolean(), fc.option(changes));
  fc.assert(
    fc.property(fc.array(request, { minLength: 2, maxLength: 12 }), (requests) => {
      const writer = recordWriter();
      for (const [one, end, isOpened, later] of requests) {
        const asked = opening(one);
        const closed = { ...asked, ...later, id: asked.id };
        const found = [isOpened ? writer.opening(asked) : undefined, writer.record(closed, end)];
        assert.deepEqual(found, [isOpened ? plain(asked) : undefined, plain({ ...closed, ...end })]);
      }
    }),
    { numRuns: 300 },
  );
});

test("a request that differs in one place from the one before it is written with that difference", () => {
  const first = opening();
  const differences: readonly Partial<AuditOpening>[] = [
    { reason: "other" },
    { facts: { ...first.facts, capAdd: ["CAP_SYS_ADMIN"] } },
    { facts: { ...first.facts, more: true } },
    { rules: first.rules.map((rule) => ({ ...rule, line: 13 })) },
    { rules: [] },
    { resource: { ...first.resource, owner: "unix:bob" } },
    { caller: { ...first.caller, id: "unix:bob" } },
    { verdict: "deny" },
    { wouldDeny: true },
    { action: "container.list" },
    { method: "GET" },
    { mode: "warn" },
    { listener: "ci" },
  ];
  for (const difference of differences) {
    const writer = recordWriter();
    writer.opening(first);
    const other = { ...first, ...difference };
    assert.deepEqual(
      [writer.opening(other), writer.record(other, completed), writer.record(first, completed)],
      [plain(other), plain({ ...other, ...completed }), plain({ ...first, ...completed })],
    );
  }
});

test("durations are written to the microsecond", () => {
  const body = recordWriter().record(opening(), { ...completed, durationMs: 12.380847000000358 });
  assert.match(body, /,"durationMs":12\.381,/);
});

function plain(value: AuditOpening | (AuditOpening & AuditOutcome)): string {
  return canonicalJson(value).replace(/:\/\/[^/"\s]*@/g, "://");
}

test("a credential that some field let through is taken out wherever it stands, each time", () => {
  const url = "https://user:secret@host/x";
  const asked = opening({
    caller: { ...opening().caller, name: url },
    path: url,
    reason: `see ${url}`,
    resource: { ...opening().resource, name: url, id: url, owner: url },
    facts: { remote: url, more: [url, `a"${url}`] },
    rules: [{ id: url, kind: "policy", file: url, line: 1 }],
  });
  const writer = recordWriter();
  for (let times = 0; times < 2; times += 1) {
    const texts = [writer.opening({ ...asked, id: String(times) }), writer.record(asked, completed)];
    assert.deepEqual(
      texts.map((written) => [written.includes("secret"), written.split("https://host/x").length]),
      [
        [false, 12],
        [false, 12],
      ],
    );
  }
});
