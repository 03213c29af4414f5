// `plimsoll incident show ID`: the process tree and the timeline of one incident.

import { PlimsollError } from "../../base/errors.ts";
import { printableJson } from "../../base/printable.ts";
import type { CommandContext, CommandInput, ExitCode, LeafCommand } from "../command.ts";
import { configOption, configurationOf } from "../configuration/options.ts";
import { openIncidents } from "./open-incidents.ts";
import { formatIncident } from "./show-incident.ts";

const shortestId = 6;

export const incidentShow: LeafCommand = {
  name: "show",
  summary: "show the process tree and the timeline of one incident",
  arguments: [{ name: "ID" }],
  options: { json: { kind: "flag", summary: "its alerts, one line of JSON each" }, config: configOption },
  examples: [{ line: "plimsoll incident show 01K0XY", does: "by the begin of its id" }],
  run: runShow,
};

async function runShow(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const { stdout } = context;
  const [id = ""] = input.positionals;
  using store = await openIncidents(configurationOf(context, input).stateFolder);
  const alerts = /^[0-9A-Za-z]+$/.test(id) && id.length >= shortestId ? store.incident(id.toUpperCase()) : [];
  const incidents = new Set(alerts.map(({ incident }) => incident));
  if (incidents.size !== 1) throw unclear(id, incidents.size);
  if (input.flag("json")) for (const alert of alerts) stdout.write(`${printableJson(JSON.stringify(alert))}\n`);
  else stdout.write(formatIncident(alerts, stdout));
  return 0;
}

function unclear(id: string, count: number): PlimsollError {
  const what = count === 0 ? "there is no such incident" : `${count} incidents begin so`;
  return new PlimsollError("NOT_FOUND", `${JSON.stringify(id.slice(0, 40))}: ${what}`, {
    hint: `run plimsoll incident list, and write at least ${shortestId} characters of an id`,
  });
}
