// `plimsoll trust serve`: judges images for containerd on a host that has no engine to stand in front of.

import type { LeafCommand } from "../command.ts";
import { configOption } from "../configuration/options.ts";

export const trustServe: LeafCommand = {
  name: "serve",
  summary: "answer who may be pulled, for containerd, on a host without a Docker engine",
  description: [
    "Stays until Ctrl-C or plimsoll down. Where plimsoll up runs, it answers as well, and this is not needed. Every answer is in the audit log.",
  ],
  options: { config: configOption },
  examples: [{ line: "sudo plimsoll trust serve", does: "with the trust file of this host" }],
  run: async (...asked) => (await import("./run-serve.ts")).runServe(...asked),
};
