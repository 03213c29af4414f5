// The table of attacks as tests: one for each level, which name every cell that is not as it has to be.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type TestEngine, whyNoEngine } from "../engine.ts";
import { startPatientEngine } from "../guest/patient-engine.ts";
import { makeTesterImage } from "../testers.ts";
import { here, loadWatchAttacks, type WatchAttack } from "./attack-table.ts";
import { playUnwatched } from "./columns.ts";
import type { Cell } from "./grade.ts";

export function testAttacks(): void {
  const skip = whyNoEngine() ?? false;
  const attacks = loadWatchAttacks();
  let engine: TestEngine;
  before(async () => {
    if (skip !== false) return;
    engine = await startPatientEngine();
    await makeTesterImage(engine.socket);
  });
  after(() => engine?.close());

  test("every attack has its effect where nobody watches, or says why not", { skip }, async () => {
    const cells = await playUnwatched(engine, attacks);
    assert.deepEqual(cells.filter((cell) => (cell.outcome === "works") === isDead(attacks, cell)).map(tell), []);
  });
}

function isDead(attacks: readonly WatchAttack[], cell: Cell): boolean {
  return attacks.find(({ name }) => name === cell.attack)?.dead[here] !== undefined;
}

function tell(cell: Cell): string {
  return `${cell.attack} at ${cell.level}: ${cell.outcome} (${cell.detail}; ${cell.rules.join(" ")}; ${cell.events.join(" ")})`;
}
