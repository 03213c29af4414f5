// What `plimsoll policy replay` does.

import { printable } from "../../base/printable.ts";
import { loadPolicies } from "../../policy/load-policies.ts";
import { policyFiles, readSchemaText } from "../../policy/policy-files.ts";
import { type ReplayReport, replayRecords } from "../../policy/replay-records.ts";
import { readAudit } from "../../store/read-audit.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { readConfiguration } from "../configuration/read-configuration.ts";
import { formatTable, type Terminal } from "../terminal.ts";
import { readDurationMs } from "./duration.ts";

export async function runReplay({ stdout, environment }: CommandContext, input: CommandInput): Promise<ExitCode> {
  const sets = input.list("candidate").length > 0 ? input.list("candidate") : ["baseline"];
  const engine = loadPolicies(await policyFiles(sets).read(), await readSchemaText());
  const since = input.text("since");
  const listener = input.text("listener");
  const { stateFolder } = readConfiguration({
    file: input.text("config"),
    environment,
    isRoot: process.getuid?.() === 0,
  });
  const records = readAudit({
    folder: stateFolder,
    ...(since === undefined ? {} : { sinceMs: Date.now() - readDurationMs(since) }),
    ...(listener === undefined ? {} : { listener }),
  });
  const report = await replayRecords(records, engine);
  if (input.flag("json")) stdout.write(`${JSON.stringify(report)}\n`);
  else showReplay(report, stdout);
  return report.changes.length > 0 ? 1 : 0;
}

export function showReplay(report: ReplayReport, terminal: Terminal): void {
  const rows = report.changes.map((change) => [
    `${change.count}x`,
    terminal.style(change.after === "allow" ? "green" : "red", change.after),
    change.action,
    printable(change.caller),
    change.rules.join(", "),
    change.id,
  ]);
  terminal.write(formatTable(rows));
  terminal.write(
    `${report.evaluated} calls: ${report.unchanged} as before, ${report.newlyDenied} newly denied, ${report.newlyAllowed} newly allowed` +
      `${describeSkipped(report)}\n`,
  );
}

function describeSkipped({ skipped }: ReplayReport): string {
  const parts = [
    [skipped.beforePolicy, "refused before policy"],
    [skipped.truncated, "too long to be recorded whole"],
    [skipped.ownRecord, "of the log itself"],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return told.length === 0 ? "" : `; skipped: ${told.join(", ")}`;
}
