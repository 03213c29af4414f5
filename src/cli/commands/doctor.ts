// `plimsoll doctor`: who can reach which engine today, and what this host offers. Reads only.

import type { Command } from "../command.ts";

export const doctor: Command = {
  name: "doctor",
  summary: "report who can reach the engine today, its known holes, and what this host offers",
  description: [
    "Reads only: files, process lists, and GET requests to the engines that it finds. As root it sees everything.",
    "Exits with 0 when there is nothing to do, with 1 when it found an open door or a hole, and with 3 when it found none but could not look everywhere.",
  ],
  options: { json: { kind: "flag", summary: "as JSON" } },
  examples: [
    { line: "sudo plimsoll doctor", does: "the whole report on one screen" },
    { line: "plimsoll doctor --json | jq '.doors[].users'", does: "who is root through an engine" },
  ],
  // What it looks at is half of the program: loaded only by who asks.
  run: async (...asked) => (await import("../doctor/run-doctor.ts")).runDoctor(...asked),
};
