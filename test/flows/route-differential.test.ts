// One target, two ways: as the client wrote it straight to a real engine, and as the gate writes it anew. Whatever the
// gate takes, the engine answers the same to both: the gate's idea of which call it is, is the engine's.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { request } from "../support/http.ts";
import { at } from "../support/json.ts";
import { type SpelledTarget, spelledTargets } from "../support/spelled-targets.ts";
import { understand } from "../support/understand.ts";

const skip = whyNoEngine();
const runs = Number(process.env["PLIMSOLL_FUZZ_RUNS"] ?? 300);
let engine: TestEngine;

before(async () => {
  if (skip === undefined) engine = await startEngine();
});
after(() => engine?.close());

test("a target that the gate takes is the same call to the engine", { skip }, async () => {
  const seen = { taken: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(spelledTargets, async (spelled) => {
      const understood = understand({ ...spelled, target: spelled.target, headers: spelled.headers });
      if ("refused" in understood) {
        seen.refused += 1;
        return;
      }
      seen.taken += 1;
      const direct = await ask(spelled);
      const gated = await ask({ method: understood.method, target: understood.target, headers: [] });
      if (isTooNew(spelled.target)) return; // the gate moves it into the engine's range
      assert.deepEqual(gated, direct, `${understood.method} ${understood.target} for ${spelled.target}`);
    }),
    { numRuns: runs, endOnFailure: true },
  );
  assert.ok(seen.taken > runs / 10 && seen.refused > runs / 10, JSON.stringify(seen));
});

function isTooNew(target: string): boolean {
  return /^\/v1\.99\//.test(decodeURIComponent(target.split("?")[0] ?? ""));
}

type Answer = { readonly status: number; readonly said: string };

/** Status and what tells handlers apart: the message of an error (plain text below 1.24), or the shape of an answer. */
async function ask({ method, target, headers }: SpelledTarget): Promise<Answer> {
  const pairs = headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1] ?? ""] as const] : []));
  const reply = await request(engine.socket, method, target, { headers: Object.fromEntries(pairs), timeoutMs: 5000 });
  const message = at(reply.json, "message");
  if (reply.status >= 400)
    return { status: reply.status, said: typeof message === "string" ? message : reply.text.trim() };
  return { status: reply.status, said: shapeOf(reply.json) };
}

function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "object" && value !== null ? (Object.keys(value).sort()[0] ?? "") : typeof value;
}
