// `plimsoll watch top`: which container does how much, and whether anything was lost.

import type { ExitCode, LeafCommand } from "../command.ts";
import { configOption } from "../configuration/options.ts";

export const watchTop: LeafCommand = {
  name: "top",
  summary: "show containers by what they do, and what was lost",
  description: [
    "Events a second of each container since the last look: processes, files, connections, and the rest; alerts since it began. Below it the sensor: events received, events that the kernel had to drop, alerts that were held back.",
  ],
  options: {
    once: { kind: "flag", summary: "one look of a second, then end" },
    json: { kind: "flag", summary: "numbers since the start, one line of JSON a second" },
    config: configOption,
  },
  examples: [{ line: "plimsoll watch top --once", does: "who is busy right now" }],
  run: async (...asked): Promise<ExitCode> => (await import("./run-top.ts")).runTop(...asked),
};
