// What every newer engine has to show: the docker CLI works through the gate, and the attacks of the catalogue do not.

import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { loadAttacks } from "./attack.ts";
import { type Outcome, oneLine, runAttack } from "./attack-runner.ts";
import { type CliBench, startCliBench } from "./cli-bench.ts";
import { type CliRow, readCliRows } from "./cli-row.ts";
import { findDockerCli } from "./cli-runner.ts";
import { type TestEngine, whyNoEngine } from "./engine.ts";
import { type GatedBench, startGatedBench } from "./gated-bench.ts";
import { startNewerEngine } from "./newer-engine.ts";
import { type EngineSuite, newerSuite } from "./newer-suite.ts";

/** Declares the tests of one engine. */
export async function testEngine(name: EngineSuite): Promise<void> {
  const cli = await findDockerCli();
  const suite = await newerSuite(name);
  const skip = whyNoEngine() ?? [cli, suite].flatMap((found) => ("why" in found ? [found.why] : []))[0] ?? false;
  const same: string[] = [];
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
    test(`${row.group}: ${row.name}`, { skip: skip === false ? (row.not[name] ?? false) : skip }, async (t) => {
      same.push(...(await compare(row, t, benches.cli)));
    });
  }
  test("most rows are the same", { skip }, () => {
    assert.ok(same.length >= leastRows[name], `${same.length} rows`);
  });
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
  testOwnAttacks(name, skip, () => benches.attacks);
}

/** Rows about what this engine alone understands: each works on it, or says why not, and none behind the gate. */
function testOwnAttacks(name: EngineSuite, skip: string | false, benchOf: () => GatedBench | undefined): void {
  for (const attack of loadAttacks(name)) {
    const isLive = attack.live === true;
    test(`${attack.id} ${attack.title}: ${isLive ? "works" : "does not work"} on a plain engine`, {
      skip,
    }, async () => {
      const bench = benchOf();
      assert.ok(bench);
      const { socket } = bench.engine;
      const sockets = { attacker: socket, victim: socket, operator: socket };
      const outcome = await runAttack(attack, { ...bench, sockets, findsLeft: false, patienceMs: isLive ? 6000 : 0 });
      assert.equal(outcome.worked, isLive, told(outcome));
    });
    const isAllowed = "allowed" in attack.baseline;
    test(`${attack.id} ${attack.title}: ${isAllowed ? "goes" : "does not go"} through the gate`, { skip }, async () => {
      const bench = benchOf();
      assert.ok(bench);
      const outcome = await runAttack(attack, isAllowed ? { ...bench, patienceMs: 6000 } : bench);
      const wanted = "denied" in attack.baseline ? attack.baseline.denied : [];
      const isDenied = wanted.length === 0 || outcome.rules.some((rule) => wanted.includes(rule));
      const { worked, left, setupFailures } = outcome;
      assert.deepEqual(
        { worked, isDenied, left, setupFailures },
        { worked: isAllowed, isDenied: true, left: [], setupFailures: [] },
        told(outcome),
      );
    });
  }
}

function told({ remarks, replies }: Outcome): string {
  return [...remarks, ...replies.map(({ summary }) => oneLine(summary))].join("\n");
}

/** Podman does not do everything as Docker does it; what it does not do itself, the gate cannot be held to. */
const leastRows: Readonly<Record<EngineSuite, number>> = { docker: 77, podman: 30 };

/** @returns the row's name when it is the same, nothing when the engine itself does not do it */
async function compare(row: CliRow, t: TestContext, bench: CliBench | undefined): Promise<readonly string[]> {
  assert.ok(bench);
  const direct = await bench.direct(row).catch((error: unknown) => String(error));
  if (typeof direct === "string") {
    t.skip(`the engine itself: ${direct.replaceAll(/\s+/g, " ").slice(0, 300)}`);
    return [];
  }
  assert.deepEqual(await bench.gated(row), direct);
  return [row.name];
}

async function started(name: EngineSuite): Promise<TestEngine> {
  const engine = await startNewerEngine(name);
  if ("why" in engine) throw new Error(engine.why);
  return engine;
}
