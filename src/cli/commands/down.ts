// `plimsoll down`: stops the running Plimsoll and waits; after a crash, takes away what was left.

import type { Command, ExitCode } from "../command.ts";
import { configOption, configurationOf } from "../configuration/options.ts";
import { stopRunning, takeAwayLeftovers } from "../up/stop-running.ts";

export const down: Command = {
  name: "down",
  summary: "stop the gate and the engine that it manages, and say what is left",
  description: [
    "An engine that was there before keeps running, and so do its containers. Configuration, policies and the audit log stay.",
  ],
  options: {
    config: configOption,
    "keep-engine": { kind: "flag", summary: "leave a managed engine and its containers running" },
  },
  examples: [
    { line: "plimsoll down", does: "stop everything" },
    { line: "plimsoll down --keep-engine && plimsoll up --detach", does: "restart the gate under running containers" },
  ],
  async run(context, input): Promise<ExitCode> {
    const configuration = configurationOf(context, input);
    const keepEngine = input.flag("keep-engine");
    const pid = await stopRunning(configuration, keepEngine);
    const removed = await takeAwayLeftovers(configuration, keepEngine);
    const { stderr } = context;
    if (pid === undefined && removed.length === 0) {
      stderr.write("plimsoll: nothing runs, nothing was left\n");
      return 0;
    }
    if (pid !== undefined) stderr.write(`plimsoll: stopped (pid ${pid})\n`);
    for (const what of removed) stderr.write(`plimsoll: removed ${what} of an earlier run\n`);
    stderr.write(`plimsoll: kept ${configuration.stateFolder} (audit log, ownership)\n`);
    return 0;
  },
};
