// `plimsoll incident list`: the newest incidents, and the times in which nobody watched.

import { printable } from "../../base/printable.ts";
import type { GapChanges } from "../../model/watch-store.ts";
import type { CommandContext, CommandInput, ExitCode, LeafCommand } from "../command.ts";
import { configOption, configurationOf } from "../configuration/options.ts";
import { formatTable } from "../terminal.ts";
import { openIncidents } from "./open-incidents.ts";

const mostIncidents = 50;
const mostGaps = 10;
/** Of each kind, in one line. */
const mostNamed = 8;

export const incidentList: LeafCommand = {
  name: "list",
  summary: "show the newest incidents, and when nobody watched",
  description: ["Alerts of one process tree are one incident. Can be read while plimsoll runs, and when it does not."],
  options: { json: { kind: "flag", summary: "one line of JSON an incident" }, config: configOption },
  examples: [{ line: "plimsoll incident list", does: "what happened" }],
  run: runList,
};

async function runList(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const { stdout } = context;
  using store = await openIncidents(configurationOf(context, input).stateFolder);
  const incidents = store.incidents(mostIncidents);
  if (input.flag("json")) {
    for (const incident of incidents) stdout.write(`${JSON.stringify(incident)}\n`);
    return 0;
  }
  const rows = incidents.map(({ id, first, last, alerts }) => [
    terminalSafe(id),
    stdout.style("dim", terminalSafe(first.time.replace(/\..*/, "Z"))),
    stdout.style("cyan", printable(first.container?.name || first.container?.id.slice(0, 12) || "(host)", 24)),
    stdout.style(last.outcome === "detected" ? "yellow" : "red", last.outcome),
    `${alerts} ${alerts === 1 ? "alert" : "alerts"}`,
    printable(first.message, 100),
  ]);
  stdout.write(rows.length === 0 ? "no incidents\n" : formatTable(rows));
  for (const { from, to, reason, changes } of store.gaps(mostGaps)) {
    stdout.write(`${stdout.style("yellow", "nobody watched")} from ${from} to ${to}: ${printable(reason, 100)}\n`);
    for (const line of changes === undefined ? [] : describeChanges(changes)) stdout.write(`  ${line}\n`);
  }
  return 0;
}

function describeChanges({ ran, began, ended, restarted, processes, processCount }: GapChanges): readonly string[] {
  const list = (what: string, ids: readonly string[]): readonly string[] =>
    ids.length === 0 ? [] : [`${what}: ${ids.slice(0, mostNamed).map(short).join(", ")}${more(ids.length)}`];
  const more = (count: number): string => (count > mostNamed ? ` and ${count - mostNamed} more` : "");
  const idsOf = (containers: GapChanges["began"]): readonly string[] => containers.map(({ id }) => id);
  const named = processes
    .slice(0, mostNamed)
    .map(({ containerId, pid, path }) => `${path} ${pid} in ${short(containerId)}`);
  return [
    `${ran.length} ${ran.length === 1 ? "container" : "containers"} ran before`,
    ...list("began meanwhile", idsOf(began)),
    ...list("ended meanwhile", ended),
    ...list("started again meanwhile", idsOf(restarted)),
    ...(processCount === 0
      ? []
      : [`processes that began meanwhile: ${printable(named.join(", "), 600)}${more(processCount)}`]),
  ];
}

function short(id: string): string {
  return printable(id.slice(0, 12), 12);
}

function terminalSafe(text: string): string {
  return printable(text, 40);
}
