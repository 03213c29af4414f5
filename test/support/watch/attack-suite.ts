// The table of attacks as tests: one for each level, which name every cell that is not as it has to be.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type TestEngine, whyNoEngine } from "../engine.ts";
import { startPatientEngine } from "../guest/patient-engine.ts";
import { makeTesterImage } from "../testers.ts";
import { here, loadWatchAttacks, type WatchAttack } from "./attack-table.ts";
import { playUnwatched, playWatched } from "./columns.ts";
import { readFound, writeResults } from "./found.ts";
import { type Cell, tellCell } from "./grade.ts";

export function testAttacks(): void {
  const skip = whyNoEngine() ?? false;
  const attacks = loadWatchAttacks();
  const found = readFound();
  const cells: Cell[] = [];
  let engine: TestEngine;
  before(async () => {
    if (skip !== false) return;
    engine = await startPatientEngine();
    await makeTesterImage(engine.socket);
  });
  after(() => engine?.close());

  test("every attack has its effect where nobody watches, or says why not", { skip }, async () => {
    const played = await playUnwatched(engine, attacks);
    const wrong = played.filter(
      (cell) => (cell.outcome === "works") === (rowOf(attacks, cell).dead[here] !== undefined),
    );
    assert.deepEqual(wrong.map(tellCell), []);
  });

  test("at the level detect every attack works and is told with container and rule, but for the known gaps", {
    skip,
  }, async () => {
    const played = await playWatched(engine, attacks, "detect");
    cells.push(...played);
    assert.deepEqual(
      wrongly(played, (cell) => found[cell.attack]?.[here]?.detect),
      [],
    );
  });

  test("at the level block every attack ends as the documentation says", { skip }, async () => {
    const played = await playWatched(engine, attacks, "block");
    cells.push(...played);
    writeResults(cells);
    assert.deepEqual(
      wrongly(played, (cell) => found[cell.attack]?.[here]?.block),
      [],
    );
  });

  test("what nobody tells of says why, and nothing else does", () => {
    const wrong = attacks.filter((attack) => {
      const isGap = found[attack.name]?.[here]?.detect === "works";
      return isGap !== (attack.gap[here] !== undefined);
    });
    assert.deepEqual(
      wrong.map(({ name }) => name),
      [],
    );
  });
}

function wrongly(cells: readonly Cell[], expected: (cell: Cell) => string | undefined): readonly string[] {
  return cells
    .filter((cell) => cell.outcome !== expected(cell))
    .map((cell) => `expected ${expected(cell)}: ${tellCell(cell)}`);
}

function rowOf(attacks: readonly WatchAttack[], cell: Cell): WatchAttack {
  const row = attacks.find(({ name }) => name === cell.attack);
  if (row === undefined) throw new Error(`no attack ${cell.attack}`);
  return row;
}
