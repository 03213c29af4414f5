// `plimsoll policy replay`: recorded calls asked again of a candidate set, before it serves.

import type { LeafCommand } from "../command.ts";

export const policyReplay: LeafCommand = {
  name: "replay",
  summary: "show what a candidate set would change, from recorded calls",
  description: [
    "Every recorded call is decided again by the candidate. A call that was let through in observe or warn counts as denied where policy would have refused it.",
    "Exits with 1 when something would change.",
  ],
  options: {
    candidate: {
      kind: "value",
      value: "SET",
      summary: "set, .cedar file or folder; several serve together",
      isList: true,
    },
    since: { kind: "value", value: "TIME", summary: "calls of the last 30m, 24h or 7d; all when left out" },
    listener: { kind: "value", value: "NAME", summary: "only calls of this listener" },
    config: { kind: "value", value: "FILE", summary: "the configuration file" },
    json: { kind: "flag", summary: "as JSON" },
  },
  examples: [
    { line: "plimsoll policy replay --candidate restricted --since 24h", does: "who would notice restricted" },
  ],
  // Cedar takes its time to load: only who asks for it waits.
  run: async (...asked) => (await import("./run-replay.ts")).runReplay(...asked),
};
