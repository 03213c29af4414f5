// One body, two ways: as the client wrote it straight to a real engine, and as the gate writes it anew. What the engine
// then knows of the two containers has to be the same; what is ambiguous never gets there.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { type CreateBody, createBodies, isDataAt, type Spelling, spell, spellings } from "../support/create-bodies.ts";
import { compareBodies, compareThroughGate, fuzzRuns } from "../support/differential.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { startGate } from "../support/gate.ts";
import { makeImage } from "../support/images.ts";
import { understand } from "../support/understand.ts";

const skip = whyNoEngine();
let engine: TestEngine;

before(async () => {
  if (skip !== undefined) return;
  engine = await startEngine();
  await makeImage(engine.socket, { reference: "bb:1" });
});
after(() => engine?.close());

test("a body that the gate has rewritten makes the same container", { skip }, async () => {
  await compareBodies(engine.socket, fuzzRuns);
});

test("through the whole gate it is the same container, as the caller sees it", { skip }, async (t) => {
  const gate = await startGate(engine, { mode: "observe" });
  t.after(() => gate.close());
  await compareThroughGate(engine.socket, gate.socket, Math.ceil(fuzzRuns / 3));
});

test("a body with one field twice, under any writing, never gets past the gate", () => {
  fc.assert(
    fc.property(createBodies("bb:1"), spellings, spellings, fc.nat(), (body, first, second, choice) => {
      const twice = withOneFieldTwice(body, first, second, choice);
      const understood = understand({ method: "POST", target: "/v1.41/containers/create", body: twice });
      assert.equal("refused" in understood && understood.refused, "request/duplicate-key", twice);
    }),
    { numRuns: fuzzRuns },
  );
});

function withOneFieldTwice(body: CreateBody, first: Spelling, second: Spelling, choice: number): string {
  const keys = Object.keys(body);
  const key = keys[choice % keys.length] ?? "Image";
  const again = spell({ [key]: choice % 2 === 0 ? body[key] : null }, second, isDataAt).trim();
  const whole = spell(body, first, isDataAt).trim();
  return choice % 3 === 0 ? `{${again.slice(1, -1)},${whole.slice(1)}` : `${whole.slice(0, -1)},${again.slice(1)}`;
}
