// The answers of programs that few machines have: `-` earlier, `=` equal, `+` later, `?` not taken; a hundred a line, behind a
// line that names the program and the pairs. Usage: node test/findings/version-schemes/recorded.ts [NAME ...] writes them anew.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FarOracle, farOracles } from "./far-oracles.ts";
import { type Pair, pairsOf } from "./version-pairs.ts";

const folder = join(import.meta.dirname, "../../fixtures/version-orders");

export type Recorded = { readonly pairs: readonly Pair[]; readonly answers: readonly (number | undefined)[] };

export function pairsFor({ grammar, name }: FarOracle): readonly Pair[] {
  return pairsOf(grammar, 12_000, `${name} 1`);
}

/** @throws Error when the answers are for other pairs */
export function recordedAnswers(far: FarOracle): Recorded {
  const [head = "", ...rows] = readFileSync(join(folder, `${far.name}.txt`), "utf8")
    .trim()
    .split("\n");
  const pairs = pairsFor(far);
  if (head !== headFor(far, pairs)) throw new Error(`${far.name}.txt answers other pairs: ${head}`);
  return { pairs, answers: [...rows.join("")].map((sign) => [-1, 0, 1, undefined]["-=+?".indexOf(sign)]) };
}

function headFor({ program }: FarOracle, pairs: readonly Pair[]): string {
  const digest = createHash("sha256").update(JSON.stringify(pairs)).digest("hex");
  return `# ${program}: ${pairs.length} pairs, sha256 ${digest}`;
}

function record(far: FarOracle): void {
  const pairs = pairsFor(far);
  const signs = far.oracle.compare(pairs).map((answer) => (answer === undefined ? "?" : "-=+"[answer + 1]));
  const rows = signs.join("").match(/.{1,100}/g) ?? [];
  writeFileSync(join(folder, `${far.name}.txt`), `${[headFor(far, pairs), ...rows].join("\n")}\n`);
}

if (import.meta.main) {
  const chosen = process.argv.slice(2);
  for (const far of farOracles.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
    process.stdout.write(`${far.name}: ${far.oracle.missing === false ? "recorded" : far.oracle.missing}\n`);
    if (far.oracle.missing === false) record(far);
  }
}
