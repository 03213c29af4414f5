// `plimsoll watch tiers`: what this host can do for each protection, by what, and what would raise it.

import { printable } from "../../base/printable.ts";
import type { CommandContext, CommandInput, ExitCode, LeafCommand } from "../command.ts";
import { configOption, configurationOf } from "../configuration/options.ts";
import { formatTable, type Terminal } from "../terminal.ts";
import { isTold, type Told } from "./told.ts";
import { readWatch } from "./watch-socket.ts";

export const watchTiers: LeafCommand = {
  name: "tiers",
  summary: "say which enforcement this host reached for each protection, why, and what would raise it",
  description: [
    "Facts of this host: what was loaded into its kernel and worked, not what the kernel claims. Where a protection says detect, a policy that says block is told and kept, but nothing is stopped.",
  ],
  options: { json: { kind: "flag", summary: "as JSON" }, config: configOption },
  examples: [{ line: "plimsoll watch tiers", does: "what block means here" }],
  run: runTiers,
};

async function runTiers(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const { stdout } = context;
  for await (const told of readWatch(configurationOf(context, input).runtimeFolder, "tiers")) {
    if (!isTold(told) || told.kind !== "tiers") continue;
    stdout.write(input.flag("json") ? `${JSON.stringify(told)}\n` : describe(told, stdout));
    return 0;
  }
  return 3;
}

export function describe({ tiers, protections }: Extract<Told, { kind: "tiers" }>, terminal: Terminal): string {
  const style = { block: "green", detect: "yellow", off: "red" } as const;
  const dim = (words: readonly string[]): readonly string[] => words.map((word) => terminal.style("dim", word));
  return [
    formatTable([
      dim(["PROTECTION", "BEST HERE", "BY", "WHY"]),
      ...protections.map(({ protection, best, by, reason }) => [
        protection,
        terminal.style(style[best], best),
        by.join(", ") || "-",
        printable(reason, 200),
      ]),
    ]),
    "\n",
    formatTable([
      dim(["TIER", "WORKS", "WHY NOT", "WHAT WOULD RAISE IT"]),
      ...tiers.map(({ tier, works, reason, remedy }) => [
        tier,
        works ? terminal.style("green", "yes") : terminal.style("yellow", "no"),
        printable(reason, 200) || "-",
        printable(remedy, 200) || "-",
      ]),
    ]),
  ].join("");
}
