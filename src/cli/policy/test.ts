// `plimsoll policy test`: the tests beside policies, one line for each that fails, and the rules that none decides.

import type { LeafCommand } from "../command.ts";

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
  // Cedar takes its time to load: only who asks for it waits.
  run: async (...asked) => (await import("./run-test.ts")).runTest(...asked),
};
