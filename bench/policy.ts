// How long a decision takes, and what a reload leaves behind. Usage: node bench/policy.ts [--reloads 1000]
// "first" is a question that was not asked before, "again" one that was; both with all shipped rules of the set.

import { readFileSync } from "node:fs";
import type { Question } from "../src/model/decision.ts";
import type { Principal } from "../src/model/principal.ts";
import { resourceTypes } from "../src/policy/actions.ts";
import { loadPolicies, loadWithSchema } from "../src/policy/load-policies.ts";
import { policyFiles } from "../src/policy/policy-files.ts";
import { readSchema } from "../src/policy/schema.ts";
import { usualFacts } from "../src/policy/usual-facts.ts";

const schemaText = readFileSync(new URL("../policies/plimsoll.cedarschema", import.meta.url), "utf8");
const schema = readSchema(schemaText);

for (const set of ["baseline", "restricted"]) {
  const sources = await policyFiles([set]).read();
  const engine = loadPolicies(sources, schemaText);
  for (const action of ["container.list", "container.inspect", "container.create"] as const) {
    const again = question(action, 0);
    const times = [measure(() => engine.decide(again)), measure((turn) => engine.decide(question(action, turn + 1)))];
    console.log(`${set} ${action}: again ${times[0]} us, first ${times[1]} us (p50)`);
  }
}
await measureReloads(Number(process.argv[process.argv.indexOf("--reloads") + 1]) || 100);

/** @param salt another one makes another question to every policy that looks at memory, names or groups */
function question(action: keyof typeof resourceTypes, salt: number): Question {
  const principal: Principal = {
    id: "unix:bob",
    kind: "unix",
    name: "bob",
    groups: ["unix:dev"],
    owner: "unix:bob",
    provider: "unix-peer",
    process: { pid: 1, uid: 1000, gid: 1000 },
  };
  const usual = usualFacts(action, schema);
  const facts = action === "container.create" ? { ...usual, oomScoreAdj: salt, memory: salt } : usual;
  const resource = { type: resourceTypes[action], id: `c${salt}`, name: "web", owner: "unix:bob", isShared: false };
  return { principal, action, resource, context: facts };
}

function measure(work: (turn: number) => unknown): string {
  const turns = 2000;
  for (let turn = 0; turn < 200; turn += 1) work(turn + turns);
  const times = Array.from({ length: turns }, (_, turn) => {
    const start = performance.now();
    work(turn);
    return performance.now() - start;
  });
  const middle = times.toSorted((one, other) => one - other)[turns / 2] ?? 0;
  return (middle * 1000).toFixed(1);
}

async function measureReloads(count: number): Promise<void> {
  const sources = await policyFiles(["baseline"]).read();
  const before = process.memoryUsage().rss;
  let engine = loadWithSchema(sources, schema, { generation: 1, prefix: "bench/1" });
  for (let generation = 2; generation <= count; generation += 1) {
    const next = loadWithSchema(sources, schema, { generation, prefix: `bench/${generation % 2}` });
    engine.close();
    engine = next;
    if (generation % (count / 4) === 0) {
      const megabytes = (process.memoryUsage().rss - before) / 2 ** 20;
      console.log(`after ${generation} reloads: ${megabytes.toFixed(1)} MB more`);
    }
  }
}
