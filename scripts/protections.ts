// Writes docs/protections.md's table and test/fixtures/watch-attacks/found.json from what the tests of the attacks found, on this host
// (`node --test test/watch/attacks/attacks.test.ts`) and in the guest (`npm run test:vm`). A place that did not run keeps
// what was found there before. Usage: node scripts/protections.ts

import { readFileSync, writeFileSync } from "node:fs";
import { protections } from "../src/model/watch.ts";
import { responses } from "../src/watch/responses.generated.ts";
import { loadRuleFiles, shippedRules } from "../src/watch/rules/load-rules.ts";
import { buildRuleSet } from "../src/watch/rules/rule-set.ts";
import { loadWatchAttacks, type WatchAttack } from "../test/support/watch/attack-table.ts";
import { type AllFound, readFound, readResults, writeFound } from "../test/support/watch/found.ts";

const page = "docs/protections.md";
const start = "<!-- written by scripts/protections.ts -->";
const end = "<!-- end of what is written by scripts/protections.ts -->";

const head = [
  "| attack | detect, without BPF LSM | block, without BPF LSM | detect, with BPF LSM | block, with BPF LSM | told by |",
  "|---|---|---|---|---|---|",
];

/** Why a place does not play what only the other plays. */
const elsewhere = { host: "it would harm the host", guest: "needs the host" } as const;

const inForce = buildRuleSet({ files: loadRuleFiles([shippedRules]), responses: responses.map(({ name }) => name) });
const attacks = loadWatchAttacks();
const all = merge(attacks);
writeFound(all);
const text = readFileSync(page, "utf8");
const [before = "", rest = ""] = text.split(start);
const [, after = ""] = rest.split(end);
writeFileSync(page, `${before}${start}\n\n${tables(attacks, all)}\n${end}${after}`);

function merge(rows: readonly WatchAttack[]): AllFound {
  const known = readFound();
  const [host, guest] = [readResults("host"), readResults("guest")];
  return Object.fromEntries(
    rows.map(({ name }) => {
      const now = { host: host?.[name], guest: guest?.[name] };
      const kept = { host: now.host ?? known[name]?.host, guest: now.guest ?? known[name]?.guest };
      return [name, Object.fromEntries(Object.entries(kept).filter(([, found]) => found !== undefined))];
    }),
  );
}

function tables(rows: readonly WatchAttack[], found: AllFound): string {
  return protections
    .map((protection) => ({ protection, own: rows.filter((row) => row.protection === protection) }))
    .filter(({ own }) => own.length > 0)
    .map(({ protection, own }) => [`### ${protection}`, "", ...head, ...own.map((row) => line(row, found))].join("\n"))
    .join("\n\n")
    .concat("\n");
}

function line(row: WatchAttack, found: AllFound): string {
  const { host, guest } = found[row.name] ?? {};
  const cell = (place: "host" | "guest", level: "detect" | "block"): string => {
    if (row.setup.only !== undefined && row.setup.only !== place) return `not played: ${elsewhere[place]}`;
    const outcome = (place === "host" ? host : guest)?.[level];
    if (row.dead[place] !== undefined) return `no effect: ${row.dead[place]}`;
    if (outcome === "works") return `**works, untold**${row.gap[place] === undefined ? "" : `: ${row.gap[place]}`}`;
    return outcome ?? "not played: the row is newer than the last run there";
  };
  const cells = [cell("host", "detect"), cell("host", "block"), cell("guest", "detect"), cell("guest", "block")];
  const every = [...new Set([...(host?.rules ?? []), ...(guest?.rules ?? [])])];
  const loud = every.filter(isOn);
  const rules = row.rule !== undefined ? every.filter((rule) => rule === row.rule) : loud.length > 0 ? loud : every;
  const title = row.title === row.act ? `\`${row.act}\`` : `${row.title} (\`${row.name}\`)`;
  return `| ${[title, ...cells, rules.map(ruleName).join(", ")].map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
}

function ruleName(name: string): string {
  return `\`${name}\`${isOn(name) ? "" : " (off as it ships)"}`;
}

/** `kernel-...` are no rules of a file: they tell what no rule tells. */
function isOn(name: string): boolean {
  return name.startsWith("kernel-") || inForce.rules.some((rule) => rule.name === name);
}
