// `plimsoll watch rules import`: rules of Falco on standard output, as ours.

import { isNode, isSeq, LineCounter, stringify } from "yaml";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { printable } from "../../base/printable.ts";
import { responses } from "../../watch/responses.generated.ts";
import { importFalco } from "../../watch/rules/falco/import-falco.ts";
import { readText } from "../../watch/rules/load-rules.ts";
import { parseYaml, readRuleFile, valuesOf, wrongRule } from "../../watch/rules/rule-file.ts";
import { buildRuleSet } from "../../watch/rules/rule-set.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";

/** @throws PlimsollError RULES_INVALID when a rule cannot be expressed and --skip is not given */
export function importRules(
  { stdout, stderr }: CommandContext,
  input: CommandInput,
  files: readonly string[],
): ExitCode {
  const [file] = files;
  if (file === undefined || files.length > 1) {
    throw new PlimsollError("USAGE", "plimsoll watch rules import: expected one file of Falco's rules", {
      hint: "run plimsoll watch rules import falco_rules.yaml > falco.yaml",
    });
  }
  const { rules, refused } = readFalco(file);
  for (const line of refused) stderr.write(`plimsoll: not imported: ${printable(line, 400)}\n`);
  if (refused.length > 0 && !input.flag("skip")) {
    throw new PlimsollError(
      "RULES_INVALID",
      `${file}: ${refused.length} of ${rules.length + refused.length} rules cannot be expressed`,
      {
        hint: "correct or remove them, or leave them out with --skip",
      },
    );
  }
  const text = `# Imported from ${printable(file, 200)} by plimsoll watch rules import.\n${stringify({ rules }, { lineWidth: 0 })}`;
  // What is written has to be what is read.
  buildRuleSet({ files: [readRuleFile(file, text)], responses: responses.map(({ name }) => name), withDisabled: true });
  stdout.write(text);
  stderr.write(`plimsoll: ${rules.length} rules imported, ${refused.length} left out\n`);
  return 0;
}

function readFalco(file: string): ReturnType<typeof importFalco> {
  const counter = new LineCounter();
  const document = parseYaml(file, readText(file), counter);
  const items = isSeq(document.contents) ? document.contents.items : [];
  const lines = items.map((item) => (isNode(item) ? counter.linePos(item.range?.[0] ?? 0).line : 0));
  try {
    return importFalco(valuesOf(document, file), lines);
  } catch (cause) {
    throw wrongRule(file, 1, errorText(cause), cause);
  }
}
