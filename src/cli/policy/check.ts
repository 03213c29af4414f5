// `plimsoll policy check`: every mistake of a set with its line, and whether its tests pass.

import type { LeafCommand } from "../command.ts";

export const policyCheck: LeafCommand = {
  name: "check",
  summary: "find mistakes in policies and run the tests beside them",
  description: [
    "A SET is observe, baseline, restricted, a .cedar file or a folder of them; several are checked together, as a listener uses them. Without one, the three that ship are checked.",
    "Tests of mine.cedar are in mine.test.yaml beside it.",
  ],
  arguments: [{ name: "SET", isOptional: true, isRepeated: true }],
  options: { json: { kind: "flag", summary: "as JSON" } },
  examples: [{ line: "plimsoll policy check baseline ./mine.cedar", does: "before a listener uses both" }],
  // Cedar takes its time to load: only who asks for it waits.
  run: async (...asked) => (await import("./run-check.ts")).runCheck(...asked),
};
