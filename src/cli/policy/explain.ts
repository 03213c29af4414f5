// `plimsoll policy explain`: why a recorded call, or one from a test file, is decided as it is.

import type { LeafCommand } from "../command.ts";

export const policyExplain: LeafCommand = {
  name: "explain",
  summary: "say why a call is allowed or denied",
  description: [
    "REQUEST is the id of a recorded call (plimsoll log shows ids), or a *.test.yaml file whose requests are asked one by one.",
  ],
  arguments: [{ name: "REQUEST" }],
  options: {
    policies: { kind: "value", value: "SET", summary: "ask these sets instead of the listener's", isList: true },
    config: { kind: "value", value: "FILE", summary: "the configuration file" },
    all: { kind: "flag", summary: "also policies and invariants that have no say" },
    json: { kind: "flag", summary: "as JSON" },
  },
  examples: [
    { line: "plimsoll policy explain 01KAN3Q5M2V7WZ0F4T9X8C6B1D", does: "every rule that was looked at" },
    {
      line: "plimsoll policy explain mine.test.yaml --policies baseline --policies mine.cedar",
      does: "before it serves",
    },
  ],
  // Cedar takes its time to load: only who asks for it waits.
  run: async (...asked) => (await import("./run-explain.ts")).runExplain(...asked),
};
