// `plimsoll watch`: alerts as they happen, or every event.

import type { ExitCode, LeafCommand } from "../command.ts";
import { configOption } from "../configuration/options.ts";

export const watchStream: LeafCommand = {
  name: "stream",
  summary: "follow alerts as they happen, or every event",
  description: [
    "An alert is a line with time, container, outcome (detected, denied, killed), rule and what happened; below it the processes that led to it, the container's first one first, and what was done.",
    "--json prints one object a line in the names of the Elastic Common Schema; --format ocsf those of OCSF, --format raw everything that is known. docs/watch.md lists the fields.",
    "A reader that is too slow loses lines, and is told how many.",
  ],
  options: {
    events: { kind: "flag", summary: "every event that the kernel tells, not only alerts" },
    container: { kind: "value", value: "NAME", summary: "only of this container: its name, or the begin of its id" },
    json: { kind: "flag", summary: "alerts as JSON lines (--format ecs)" },
    format: { kind: "value", value: "FORMAT", choices: ["text", "ecs", "ocsf", "raw"], summary: "how alerts are told" },
    config: configOption,
  },
  examples: [
    { line: "plimsoll watch", does: "alerts of all containers" },
    { line: "plimsoll watch --events --container web", does: "everything that one container does" },
    { line: "plimsoll watch --json | jq 'select(.\"event.severity\" == 9)'", does: "what is critical, for a script" },
  ],
  run: async (...asked): Promise<ExitCode> => (await import("./run-stream.ts")).runStream(...asked),
};
