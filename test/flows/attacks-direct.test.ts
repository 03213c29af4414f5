// Every row of the attack catalogue against the engine itself: each has its effect, or the row says why not here.
// The effects are real but do no harm: marks are read, the same values are written back, everything is put back.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { loadAttacks } from "../support/attack.ts";
import { type Bench, removeEscapedCgroups, runAttack, startBench } from "../support/attack-runner.ts";
import { startEngine, whyNoEngine } from "../support/engine.ts";

const skip = whyNoEngine() ?? false;
let bench: Bench;

before(async () => {
  if (skip !== false) return;
  const engine = await startEngine({ network: true });
  const { socket } = engine;
  bench = await startBench(engine, { attacker: socket, victim: socket, operator: socket }, 6000);
});

after(async () => {
  await bench?.probe.close();
  await bench?.engine.close();
  await removeEscapedCgroups();
});

for (const attack of loadAttacks()) {
  const isLive = attack.live === true;
  const name = `${attack.id} ${attack.title}: ${isLive ? "works" : "does not work"} on a plain engine`;
  test(name, { skip }, async (t) => {
    const outcome = await runAttack(attack, isLive ? bench : { ...bench, patienceMs: 0 });
    if (!isLive) t.diagnostic(`${attack.id} is not live: ${attack.live}`);
    const told = [...outcome.remarks, ...outcome.replies.map((reply) => reply.summary)].join("\n");
    assert.equal(outcome.worked, isLive, told);
  });
}
