// What every `plimsoll advisories` command asks alike: where the database lies.

import { join, resolve } from "node:path";
import type { CommandContext, CommandInput, CommandOption } from "../command.ts";
import { configOption, configurationOf } from "../configuration/options.ts";

export const folderOptions: Readonly<Record<string, CommandOption>> = {
  folder: { kind: "value", value: "FOLDER", summary: "the folder of the database and of what was downloaded" },
  config: configOption,
};

/** Beside the audit log, unless somebody says otherwise. */
export function advisoryFolder(context: CommandContext, input: CommandInput): string {
  const folder = input.text("folder");
  return folder === undefined ? join(configurationOf(context, input).stateFolder, "advisories") : resolve(folder);
}
