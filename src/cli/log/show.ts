// `plimsoll log show ID`: everything that is recorded of one request.

import { PlimsollError } from "../../base/errors.ts";
import { printableJson } from "../../base/printable.ts";
import { type AuditReader, openAuditReader } from "../../store/audit-reader.ts";
import { proveRecord } from "../../store/log-proof.ts";
import { findRecord } from "../../store/read-audit.ts";
import type { ExitCode, LeafCommand } from "../command.ts";
import { formatRecord } from "./format-record.ts";
import { logOptions, stateFolderOf } from "./log-options.ts";

export const logShow: LeafCommand = {
  name: "show",
  summary: "show one whole record",
  description: [
    "With --proof: a C2SP tlog-proof, which anybody can check with the log's public key and without the log. --entry prints the bytes that it is about.",
  ],
  arguments: [{ name: "ID" }],
  options: {
    json: { kind: "flag", summary: "as JSON" },
    entry: { kind: "flag", summary: "the very bytes that were hashed" },
    proof: { kind: "flag", summary: "the proof that the record is in the log" },
    ...logOptions,
  },
  examples: [{ line: "plimsoll log show 01J9ZQ7M3V5W8X0Y1Z2A3B4C5D", does: "the facts and the rule of one decision" }],
  run(context, input): ExitCode {
    const { stdout } = context;
    const [id = ""] = input.positionals;
    const folder = stateFolderOf(context, input);
    if (input.flag("proof") || input.flag("entry")) {
      const found = proofOf(folder, id);
      stdout.write(input.flag("proof") ? found.proof : found.entry);
      return 0;
    }
    const record = findRecord(folder, id);
    if (record === undefined) throw noRecord(id);
    stdout.write(input.flag("json") ? `${printableJson(JSON.stringify(record))}\n` : formatRecord(record, stdout));
    return 0;
  },
};

function proofOf(folder: string, id: string): { readonly entry: string; readonly proof: string } {
  const reader: AuditReader = openAuditReader(folder);
  try {
    const found = proveRecord(reader, id);
    if (found === undefined) throw noRecord(id);
    return found;
  } finally {
    reader.close();
  }
}

function noRecord(id: string): PlimsollError {
  return new PlimsollError("NOT_FOUND", `no record has the id ${JSON.stringify(id)}`, {
    hint: "list ids with plimsoll log tail --json; records past their retention are gone",
  });
}
