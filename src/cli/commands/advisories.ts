// `plimsoll advisories ...`: what is known of weaknesses, and how it gets here.

import { advisoriesBuild } from "../advisories/build.ts";
import { advisoriesStatus } from "../advisories/status.ts";
import { advisoriesExport, advisoriesImport } from "../advisories/transfer.ts";
import { advisoriesUpdate } from "../advisories/update.ts";
import type { Command } from "../command.ts";

export const advisories: Command = {
  name: "advisories",
  summary: "update, show, export and import what is known of weaknesses",
  commands: [advisoriesUpdate, advisoriesStatus, advisoriesBuild, advisoriesExport, advisoriesImport],
};
