// `plimsoll log checkpoint`: the short text that vouches for everything logged so far, to be kept somewhere else.

import { PlimsollError } from "../../base/errors.ts";
import { openAuditReader } from "../../store/audit-reader.ts";
import type { ExitCode, LeafCommand } from "../command.ts";
import { logOptions, stateFolderOf } from "./log-options.ts";

export const logCheckpoint: LeafCommand = {
  name: "checkpoint",
  summary: "print the newest signed checkpoint, to keep elsewhere",
  description: [
    "A signed note of four lines: the log's name, its size, its root hash, a signature. `log verify --from` takes it.",
  ],
  options: logOptions,
  examples: [{ line: "plimsoll log checkpoint | mail -s checkpoint auditor@example.org", does: "tell somebody" }],
  run(context, input): ExitCode {
    const reader = openAuditReader(stateFolderOf(context, input));
    try {
      const note = reader.publishedNote();
      if (note === "") throw noCheckpoint(reader.folder);
      context.stdout.write(note);
      return 0;
    } finally {
      reader.close();
    }
  },
};

function noCheckpoint(folder: string): PlimsollError {
  return new PlimsollError("NOT_FOUND", `${folder}: no checkpoint yet`, {
    hint: "wait a moment: one is signed at the start",
  });
}
