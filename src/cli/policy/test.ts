// `plimsoll policy test`: the tests beside policies, one line for each that fails, and the rules that none decides.

import { PlimsollError } from "../../base/errors.ts";
import { checkPolicies } from "../../policy/check-policies.ts";
import { readSchemaText, shippedFolder, shippedSets } from "../../policy/policy-files.ts";
import type { ExitCode, LeafCommand } from "../command.ts";
import { showFailures } from "./check.ts";

export const policyTest: LeafCommand = {
  name: "test",
  summary: "run the tests beside policies",
  description: [
    "A test is a request that differs from an ordinary one, with the verdict and the rules that are to come of it; docs/policy.md shows the file.",
    "Fails when a test fails, and with --all also when a rule has no test.",
  ],
  arguments: [{ name: "SET", isOptional: true, isRepeated: true }],
  options: { all: { kind: "flag", summary: "fail when a rule has no test" } },
  examples: [{ line: "plimsoll policy test --all ./mine.cedar", does: "in continuous integration" }],
  async run({ stdout }, input): Promise<ExitCode> {
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
  },
};
