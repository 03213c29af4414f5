// What `plimsoll watch rules` does.

import { PlimsollError } from "../../base/errors.ts";
import { responses } from "../../watch/responses.generated.ts";
import { loadRuleFiles, loadRuleTests, shippedRules } from "../../watch/rules/load-rules.ts";
import { buildRuleSet, type RuleSet } from "../../watch/rules/rule-set.ts";
import { runRuleTests } from "../../watch/rules/testing/run-rule-tests.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { configurationOf } from "../configuration/options.ts";
import { formatTable, type Terminal } from "../terminal.ts";

export async function runRules(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const [what = "", ...files] = input.positionals;
  if (what === "import") return (await import("./import-rules.ts")).importRules(context, input, files);
  const { watch } = configurationOf(context, input);
  const paths = [shippedRules, ...watch.rules, ...files];
  const { stdout } = context;
  if (what === "list") return list(rulesOf(paths, input.flag("all") || watch.ruleset === "all"), input, stdout);
  const rules = rulesOf(paths, true);
  if (what === "test") return runTests(paths, rules, input, stdout);
  stdout.write(`${rules.rules.length} rules, no mistakes\n`);
  return 0;
}

function rulesOf(paths: readonly string[], withDisabled: boolean): RuleSet {
  return buildRuleSet({
    files: loadRuleFiles(paths),
    responses: responses.map(({ name }) => name),
    withDisabled,
  });
}

function list(rules: RuleSet, input: CommandInput, terminal: Terminal): ExitCode {
  const rows = rules.rules.map(({ name, summary, protection, severity, kinds, responses: respond, file, line }) => ({
    ...{ name, summary, protection, severity, kinds, respond, file, line },
  }));
  if (input.flag("json")) terminal.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  else {
    terminal.write(
      formatTable(
        rows.map(({ name, protection, severity, respond, summary }) => [
          terminal.style("cyan", name),
          protection,
          severity,
          respond.join(", ") || "-",
          summary,
        ]),
      ),
    );
  }
  return 0;
}

function runTests(paths: readonly string[], rules: RuleSet, input: CommandInput, terminal: Terminal): ExitCode {
  const tests = loadRuleTests(paths);
  if (tests.length === 0) {
    throw new PlimsollError("RULES_INVALID", "there are no tests", {
      hint: "write them into NAME.test.yaml beside NAME.yaml; docs/rules.md shows how",
    });
  }
  const report = runRuleTests(tests, rules);
  for (const { test, expected, found } of report.failures) {
    terminal.write(`${terminal.style("red", "FAILED")} ${test.file}:${test.line}: ${test.name}\n`);
    terminal.write(`       expected ${expected.join(", ") || "no alert"}; found ${found.join(", ") || "none"}\n`);
  }
  const untested = report.untested.map(({ name }) => name);
  if (untested.length > 0) terminal.write(`no test makes these tell anything: ${untested.join(", ")}\n`);
  terminal.write(`${report.passed} passed, ${report.failures.length} failed\n`);
  return report.failures.length === 0 && (untested.length === 0 || !input.flag("all")) ? 0 : 1;
}
