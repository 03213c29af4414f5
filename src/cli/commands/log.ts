// `plimsoll log ...`: read, prove and export the audit log.

import type { Command } from "../command.ts";
import { logCheckpoint } from "../log/checkpoint.ts";
import { logExport } from "../log/export.ts";
import { logShow } from "../log/show.ts";
import { logTail } from "../log/tail.ts";
import { logVerify } from "../log/verify.ts";

export const log: Command = {
  name: "log",
  summary: "follow, show, verify and export the audit log",
  commands: [logTail, logShow, logVerify, logCheckpoint, logExport],
};
