// One target, two ways: as the client wrote it straight to a real engine, and as the gate writes it anew. Whatever the
// gate takes, the engine answers the same to both: the gate's idea of which call it is, is the engine's.

import { after, before, test } from "node:test";
import { compareTargets, fuzzRuns, hasVersion } from "../support/differential.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";

const skip = whyNoEngine();
let engine: TestEngine;

before(async () => {
  if (skip === undefined) engine = await startEngine();
});
after(() => engine?.close());

test("a target that the gate takes is the same call to the engine", { skip }, async () => {
  await compareTargets(engine.socket, fuzzRuns, (target) => hasVersion(target, "1.99"));
});
