// `plimsoll learn NAME|IMAGE`: what containers of an image do, and the least that they need for it.

import type { Command, ExitCode } from "../command.ts";
import { configOption, engineOption } from "../configuration/options.ts";

export const learn: Command = {
  name: "learn",
  summary: "watch what containers of an image do, and propose a profile with the least that they need",
  description: [
    "Follows every container of the image, those that run and those that start meanwhile: programs, files written, ports, peers, system calls, capabilities. Then proposes a profile for the gate, with a seccomp filter, an AppArmor profile, flags for docker run and a Cedar policy, as a difference to the profile that is there. Ctrl-C proposes what is known by then.",
    "Nobody teaches it by attacking: programs that are not of the image, and system calls that the engine's own filter refuses, are left out and told. Needs the watch (plimsoll up as root).",
  ],
  arguments: [{ name: "NAME|IMAGE" }],
  options: {
    for: { kind: "value", value: "TIME", summary: "how long: 30s, 10m, 24h (default 10m)" },
    name: { kind: "value", value: "NAME", summary: "what the profile is called (default: the image's name)" },
    write: { kind: "flag", summary: "put the files into the folder of profiles; plimsoll reload applies them" },
    output: { kind: "value", short: "o", value: "FOLDER", summary: "put the files into this folder instead" },
    json: { kind: "flag", summary: "behaviour and proposal as JSON" },
    config: configOption,
    engine: engineOption,
  },
  examples: [
    { line: "plimsoll learn web --for 1h", does: "one hour of a normal day, then read the proposal" },
    {
      line: "plimsoll learn nginx:1.27 --write && plimsoll reload",
      does: "the gate applies it to the next docker run",
    },
  ],
  run: async (...asked): Promise<ExitCode> => (await import("../watch/run-learn.ts")).runLearn(...asked),
};
