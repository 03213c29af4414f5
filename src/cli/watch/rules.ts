// `plimsoll watch rules ...`: check, test, list and import rules.

import type { ExitCode, LeafCommand } from "../command.ts";
import { configOption } from "../configuration/options.ts";

export const watchRules: LeafCommand = {
  name: "rules",
  summary: "check, test, list and import rules",
  description: [
    "check: reads the rules that ship, those of the configuration and FILEs (or folders), and says what is wrong, with file and line. test: runs the tests beside them (NAME.test.yaml). list: what is in force. import: rules of Falco, written as ours to standard output.",
    "Exits with 1 when a test fails, or with --all when a rule has none.",
  ],
  arguments: [
    { name: "WHAT", choices: ["check", "test", "list", "import"] },
    { name: "FILE", isOptional: true, isRepeated: true },
  ],
  options: {
    all: { kind: "flag", summary: "test: fail when a rule has no test; list: also what is switched off" },
    skip: { kind: "flag", summary: "import: leave out what cannot be expressed, and list it on standard error" },
    json: { kind: "flag", summary: "list: as JSON" },
    config: configOption,
  },
  examples: [
    { line: "plimsoll watch rules test --all ./mine.yaml", does: "in continuous integration" },
    { line: "plimsoll watch rules import falco_rules.yaml > falco.yaml", does: "bring rules along" },
  ],
  run: async (...asked): Promise<ExitCode> => (await import("./run-rules.ts")).runRules(...asked),
};
