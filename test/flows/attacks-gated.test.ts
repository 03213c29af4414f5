// Every row of the attack catalogue through the gate, with the set baseline: refused by a rule that the refusal names,
// without effect, and nothing left in the engine. Attacker and victim are two users of the host.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Attack, loadAttacks } from "../support/attack.ts";
import { type Outcome, oneLine, runAttack } from "../support/attack-runner.ts";
import { whyNoEngine } from "../support/engine.ts";
import { type GatedBench, startGatedBench } from "../support/gated-bench.ts";

const skip = whyNoEngine() ?? false;
let bench: GatedBench;

before(async () => {
  if (skip === false) bench = await startGatedBench({ mode: "enforce" }, 0);
});
after(async () => {
  await bench?.close();
});

for (const attack of loadAttacks().filter(({ group }) => group !== "authz")) {
  test(`${attack.id} ${attack.title}: ${sentence(attack)}`, { skip }, async () => {
    const isAllowed = "allowed" in attack.baseline;
    const earlier = (await bench.gate.recorded()).length;
    const outcome = await runAttack(attack, isAllowed ? { ...bench, patienceMs: 5000 } : bench);
    const recorded = (await bench.gate.recorded()).slice(earlier);
    const denied = recorded.filter((record) => record.verdict === "deny" && record.end === "refused");
    const onRecord = new Set(denied.flatMap((record) => record.rules.map((rule) => rule.id)));
    assert.deepEqual(verdict(attack, outcome, onRecord), expected(attack), told(outcome));
  });
}

type Seen = {
  readonly worked: boolean;
  readonly isRefusedByRule: boolean;
  readonly isRecorded: boolean;
  readonly left: readonly string[];
  readonly setup: string;
};

function verdict(attack: Attack, outcome: Outcome, onRecord: ReadonlySet<string>): Seen {
  const baseline = attack.baseline;
  const wanted = "denied" in baseline ? outcome.rules.filter((rule) => baseline.denied.includes(rule)) : [];
  return {
    worked: outcome.worked && (attack.live === true || "allowed" in baseline),
    isRefusedByRule: wanted.length > 0,
    isRecorded:
      "refused" in baseline ? onRecord.has("request/malformed-http") : wanted.some((rule) => onRecord.has(rule)),
    left: "denied" in baseline ? outcome.left : [],
    setup: outcome.setupFailures.join("; "),
  };
}

function expected(attack: Attack): Seen {
  const isDenied = "denied" in attack.baseline;
  const worked = "allowed" in attack.baseline && attack.live === true;
  const isRecorded = isDenied || "refused" in attack.baseline;
  return { worked, isRefusedByRule: isDenied, isRecorded, left: [], setup: "" };
}

function sentence({ baseline }: Attack): string {
  if ("denied" in baseline) return "refused";
  if ("allowed" in baseline) return `allowed (${baseline.allowed})`;
  return "harmless" in baseline ? `without effect (${baseline.harmless})` : `cut off (${baseline.refused})`;
}

function told(outcome: Outcome): string {
  return [...outcome.remarks, ...outcome.replies.map((reply) => oneLine(reply.summary))].join("\n");
}
