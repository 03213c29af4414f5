#!/usr/bin/env node
// Plimsoll: the load line of a container host. Words in, exit code out; src/service builds the rooms.

import { programVersion } from "./base/program-version.ts";
import { loadCommands } from "./cli/load-commands.ts";
import { outliveReader } from "./cli/lost-reader.ts";
import { runCommandLine } from "./cli/run-command-line.ts";
import { openTerminal } from "./cli/terminal.ts";

outliveReader();
const words = process.argv.slice(2);
const code = await runCommandLine(words, {
  stdout: openTerminal(process.stdout, process.env),
  stderr: openTerminal(process.stderr, process.env),
  environment: process.env,
  version: programVersion(),
  commands: await loadCommands(words),
  // Only what starts the gate pays for loading it.
  startService: async (...parts) => {
    (await import("./service/small-memory.ts")).keepMemorySmall();
    (await import("./service/early-code.ts")).optimizeEarly();
    return (await import("./service/start-service.ts")).startService(...parts);
  },
  startJudge: async (...parts) => (await import("./service/start-judge.ts")).startJudge(...parts),
});
process.exitCode = code || process.exitCode;
