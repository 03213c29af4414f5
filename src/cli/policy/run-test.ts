// What `plimsoll policy test` does.

import { PlimsollError } from "../../base/errors.ts";
import { checkPolicies } from "../../policy/check-policies.ts";
import { readSchemaText, shippedFolder, shippedSets } from "../../policy/policy-files.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { showFailures } from "./run-check.ts";

export async function runTest({ stdout }: CommandContext, input: CommandInput): Promise<ExitCode> {
  const schemaText = await readSchemaText();
  const sets = input.positionals.length > 0 ? input.positionals : Object.keys(shippedSets);
  let isGood = true;
  for (const set of sets) {
    const report = await checkPolicies({ sets: [set], folder: shippedFolder, schemaText });
    const [mistake] = report.mistakes.filter(({ severity }) => severity === "error");
    if (mistake !== undefined) {
      throw new PlimsollError("POLICY_INVALID", `${mistake.file}:${mistake.line}: ${mistake.message}`, {
        hint: "run plimsoll policy check to see every mistake",
      });
    }
    showFailures(report, stdout);
    const untested = report.untested.map((rule) => rule.id);
    if (untested.length > 0) stdout.write(`${set}: no test decides ${untested.join(", ")}\n`);
    stdout.write(`${set}: ${report.testsPassed} passed, ${report.failures.length} failed\n`);
    isGood &&= report.isGood && (untested.length === 0 || !input.flag("all"));
  }
  return isGood ? 0 : 1;
}
