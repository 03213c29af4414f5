// `plimsoll reload`: the running Plimsoll reads its policies again, all of them or none.

import { integerAt } from "../../base/reading.ts";
import type { Command, ExitCode } from "../command.ts";
import { configOption, configurationOf } from "../configuration/options.ts";
import { askControl } from "../control/ask.ts";

export const reload: Command = {
  name: "reload",
  summary: "read the policies again; a mistake keeps the last good ones",
  options: { config: configOption },
  examples: [{ line: "plimsoll policy check && plimsoll reload", does: "after an edit" }],
  async run(context, input): Promise<ExitCode> {
    const { runtimeFolder } = configurationOf(context, input);
    const answer = await askControl(runtimeFolder, { ask: "reload" });
    context.stderr.write(`plimsoll: policies read again (generation ${integerAt(answer, "policyGeneration")})\n`);
    return 0;
  },
};
