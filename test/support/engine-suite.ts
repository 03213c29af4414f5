// What every newer engine has to show: the docker CLI works through the gate, and the attacks of the catalogue do not.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { loadAttacks } from "./attack.ts";
import { oneLine, runAttack } from "./attack-runner.ts";
import { type CliBench, startCliBench } from "./cli-bench.ts";
import { type CliRow, readCliRows } from "./cli-row.ts";
import { findDockerCli } from "./cli-runner.ts";
import { type TestEngine, whyNoEngine } from "./engine.ts";
import { type GatedBench, startGatedBench } from "./gated-bench.ts";
import { startNewerEngine } from "./newer-engine.ts";
import { newerSuite, type SuiteName } from "./newer-suite.ts";

/** Declares the tests of one engine. */
export async function testEngine(name: SuiteName): Promise<void> {
  const cli = await findDockerCli();
  const suite = await newerSuite(name);
  const skip = whyNoEngine() ?? [cli, suite].flatMap((found) => ("why" in found ? [found.why] : []))[0] ?? false;
  const benches: { cli?: CliBench; attacks?: GatedBench } = {};
  before(async () => {
    if (skip !== false || "why" in cli) return;
    benches.cli = await startCliBench(await started(name), cli);
    benches.attacks = await startGatedBench({ mode: "enforce" }, 0, () => started(name));
  });
  after(async () => {
    await benches.cli?.close();
    await benches.attacks?.close();
  });

  for (const row of readCliRows()) {
    test(`${row.group}: ${row.name}`, { skip: skip === false ? (row.not[name] ?? false) : skip }, () =>
      compare(row, benches.cli),
    );
  }
  for (const attack of loadAttacks().filter(({ group, baseline }) => group !== "authz" && !("allowed" in baseline))) {
    test(`${attack.id} ${attack.title}: without effect`, { skip }, async () => {
      assert.ok(benches.attacks);
      const outcome = await runAttack(attack, benches.attacks);
      const replies = outcome.replies.map((reply) => oneLine(reply.summary)).join("; ");
      assert.deepEqual(
        { worked: outcome.worked && attack.live === true, left: outcome.left },
        { worked: false, left: [] },
        replies,
      );
    });
  }
}

async function compare(row: CliRow, bench: CliBench | undefined): Promise<void> {
  assert.ok(bench);
  const direct = await bench.direct(row);
  assert.deepEqual(await bench.gated(row), direct);
}

async function started(name: SuiteName): Promise<TestEngine> {
  const engine = await startNewerEngine(name);
  if ("why" in engine) throw new Error(engine.why);
  return engine;
}
