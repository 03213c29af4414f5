// `plimsoll log tail`: the newest records, one line each, and those that come.

import { PlimsollError } from "../../base/errors.ts";
import { printableJson } from "../../base/printable.ts";
import { type ReadAuditOptions, readAudit } from "../../store/read-audit.ts";
import type { CommandInput, ExitCode, LeafCommand } from "../command.ts";
import { endWithReader } from "../lost-reader.ts";
import { formatDecision, isWorthALine } from "../up/decision-line.ts";
import { filterOf, filterOptions, logOptions, stateFolderOf } from "./log-options.ts";

const defaultLines = 20;

export const logTail: LeafCommand = {
  name: "tail",
  summary: "show the newest records, and follow the log",
  description: [
    "One line a record: time, caller, action, object, verdict, rule, milliseconds; refusals say why on a second line.",
    "Pings that passed are left out unless --json or --action asks for them. The log may be read while plimsoll runs.",
  ],
  options: {
    follow: { kind: "flag", short: "f", summary: "go on with records as they are written" },
    lines: { kind: "value", short: "n", value: "NUMBER", summary: `how many; ${defaultLines} unless --since is given` },
    json: { kind: "flag", summary: "whole records, one line of JSON each" },
    ...filterOptions,
    ...logOptions,
  },
  examples: [
    { line: "plimsoll log tail -f", does: "watch what callers do" },
    { line: "plimsoll log tail --verdict deny --since 24h", does: "what was refused since yesterday" },
  ],
  async run(context, input): Promise<ExitCode> {
    const { stdout } = context;
    endWithReader();
    const showsAll = input.flag("json") || input.text("action") !== undefined;
    for await (const record of readAudit(tailOptions(stateFolderOf(context, input), input, Date.now()))) {
      if (input.flag("json")) stdout.write(`${printableJson(JSON.stringify(record))}\n`);
      else if (showsAll || isWorthALine(record)) stdout.write(formatDecision(record, stdout));
    }
    return 0;
  },
};

/** @throws PlimsollError USAGE */
export function tailOptions(folder: string, input: CommandInput, nowMs: number): ReadAuditOptions {
  const filter = filterOf(input, nowMs);
  const lines = input.text("lines");
  if (lines !== undefined && !/^\d{1,7}$/.test(lines)) {
    throw new PlimsollError("USAGE", `--lines: expected a number, found ${JSON.stringify(lines)}`, {
      hint: "write plimsoll log tail -n 50",
    });
  }
  const last = lines === undefined && filter.sinceMs !== undefined ? undefined : Number(lines ?? defaultLines);
  return {
    ...filter,
    folder,
    ...(last === undefined ? {} : { last }),
    // Ctrl-C ends the process: nothing is held that would have to be given back.
    ...(input.flag("follow") ? { follow: new AbortController().signal } : {}),
  };
}
