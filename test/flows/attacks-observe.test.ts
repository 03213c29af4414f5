// Every row of the attack catalogue through a gate that only observes: the attack has the effect it has on the plain
// engine, and the record says which rule would have refused it. A row that cannot pass in any mode says why.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Attack, loadAttacks } from "../support/attack.ts";
import { oneLine, runAttack } from "../support/attack-runner.ts";
import { whyNoEngine } from "../support/engine.ts";
import { type GatedBench, startGatedBench } from "../support/gated-bench.ts";

const skip = whyNoEngine() ?? false;
let bench: GatedBench;

before(async () => {
  if (skip === false) bench = await startGatedBench({ mode: "observe" }, 6000);
});
after(async () => {
  await bench?.close();
});

for (const attack of loadAttacks().filter(({ group }) => group !== "authz")) {
  test(`${attack.id} ${attack.title}: ${sentence(attack)}`, { skip }, async () => {
    const wanted = expected(attack);
    const sinceMs = Date.now();
    const outcome = await runAttack(attack, wanted.worked ? bench : { ...bench, patienceMs: 0 });
    const recorded = await bench.gate.recorded(sinceMs);
    const wouldDeny = recorded
      .filter((record) => record.wouldDeny)
      .flatMap((record) => record.rules.map(({ id }) => id));
    const { baseline } = attack;
    const named = "denied" in baseline && wouldDeny.some((rule) => baseline.denied.includes(rule));
    const told = [...outcome.remarks, ...outcome.replies.map(({ summary }) => oneLine(summary)), ...wouldDeny];
    // Without effect on the plain engine, it may have one here: versions are clamped, names are pinned.
    const worked = attack.live === true && outcome.worked;
    const seen = { worked, wouldDenyNamed: named, setup: outcome.setupFailures.join("; ") };
    assert.deepEqual(seen, wanted, told.join("\n"));
  });
}

type Seen = { readonly worked: boolean; readonly wouldDenyNamed: boolean; readonly setup: string };

function expected({ live, observe, baseline }: Attack): Seen {
  const passes = observe === "passes";
  return { worked: live === true && passes, wouldDenyNamed: passes && "denied" in baseline, setup: "" };
}

function sentence({ observe, baseline }: Attack): string {
  if (observe === "passes") return "denied" in baseline ? "passes, would be denied" : "passes";
  return "refused" in observe ? `refused (${observe.refused})` : `passes in part (${observe.filtered})`;
}
