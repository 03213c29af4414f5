// What `plimsoll policy check` does.

import { printable } from "../../base/printable.ts";
import { type CheckReport, checkPolicies } from "../../policy/check-policies.ts";
import { readSchemaText, shippedFolder, shippedSets } from "../../policy/policy-files.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import type { Terminal } from "../terminal.ts";

export async function runCheck({ stdout }: CommandContext, input: CommandInput): Promise<ExitCode> {
  const schemaText = await readSchemaText();
  const asked = input.positionals.length > 0 ? [input.positionals] : Object.keys(shippedSets).map((set) => [set]);
  const reports = [];
  for (const sets of asked) reports.push(await checkPolicies({ sets, folder: shippedFolder, schemaText }));
  if (input.flag("json")) stdout.write(`${JSON.stringify(reports.map(plain))}\n`);
  else for (const report of reports) showCheck(report, stdout);
  return reports.every((report) => report.isGood) ? 0 : 1;
}

function showCheck(report: CheckReport, terminal: Terminal): void {
  for (const { file, line, severity, message } of report.mistakes) {
    const word = terminal.style(severity === "error" ? "red" : "yellow", severity);
    terminal.write(`${printable(file)}:${line}: ${word}: ${printable(message)}\n`);
  }
  showFailures(report, terminal);
  for (const rule of report.untested) {
    terminal.write(`${printable(rule.file)}:${rule.line}: ${terminal.style("yellow", "no test")} decides ${rule.id}\n`);
  }
  const word = report.isGood ? terminal.style("green", "good") : terminal.style("red", "not good");
  const names = report.files.map((file) => printable(file)).join(" + ");
  terminal.write(`${word}  ${names}: ${report.rules} rules, ${report.testsPassed} tests passed\n`);
}

export function showFailures({ failures }: CheckReport, terminal: Terminal): void {
  for (const { test, expected, found } of failures) {
    const place = `${printable(test.file)}:${test.line}`;
    terminal.write(`${place}: ${terminal.style("red", "failed")}: ${printable(test.name)}\n`);
    terminal.write(`    expected ${printable(expected)}\n    found    ${printable(found)}\n`);
  }
}

function plain({ failures, untested, ...report }: CheckReport): object {
  return {
    ...report,
    failures: failures.map(({ test, expected, found }) => ({ name: test.name, line: test.line, expected, found })),
    untested: untested.map((rule) => rule.id),
  };
}
