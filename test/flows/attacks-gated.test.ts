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
    const sinceMs = Date.now();
    const outcome = await runAttack(attack, isAllowed ? { ...bench, patienceMs: 5000 } : bench);
    const recorded = await bench.gate.recorded(sinceMs);
    const denied = recorded.filter((record) => record.verdict === "deny" && record.end === "refused");
    const onRecord = new Set(denied.flatMap((record) => record.rules.map((rule) => rule.id)));
    assert.deepEqual(verdict(attack, outcome, onRecord), expected(attack), told(outcome));
  });
}

type Seen = {
  readonly worked: boolean;
  /** A refusal named a rule, and the record of it has that rule. */
  readonly isExplained: boolean;
  /** A rule that the row expects is on record. */
  readonly isRecorded: boolean;
  readonly left: readonly string[];
  readonly setup: string;
};

function verdict({ baseline, live }: Attack, outcome: Outcome, onRecord: ReadonlySet<string>): Seen {
  const wanted = "denied" in baseline ? baseline.denied : "refused" in baseline ? ["request/malformed-http"] : [];
  return {
    worked: outcome.worked && (live === true || "allowed" in baseline),
    isExplained: "denied" in baseline && outcome.rules.some((rule) => onRecord.has(rule)),
    isRecorded: wanted.some((rule) => onRecord.has(rule)),
    left: outcome.left,
    setup: outcome.setupFailures.join("; "),
  };
}

function expected(attack: Attack): Seen {
  const isDenied = "denied" in attack.baseline;
  const worked = "allowed" in attack.baseline && attack.live === true;
  const isRecorded = isDenied || "refused" in attack.baseline;
  return { worked, isExplained: isDenied, isRecorded, left: [], setup: "" };
}

function sentence({ baseline }: Attack): string {
  if ("denied" in baseline) return "refused";
  if ("allowed" in baseline) return `allowed (${baseline.allowed})`;
  return "harmless" in baseline ? `without effect (${baseline.harmless})` : `cut off (${baseline.refused})`;
}

function told(outcome: Outcome): string {
  return [...outcome.remarks, ...outcome.replies.map((reply) => oneLine(reply.summary))].join("\n");
}
