// `plimsoll log export`: records for other tools, or the whole log as files that transparency-log clients verify.

import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { printableJson } from "../../base/printable.ts";
import type { AuditRecord } from "../../model/audit.ts";
import { openAuditReader } from "../../store/audit-reader.ts";
import { exportFormats, exportLine, isExportFormat } from "../../store/exports/export-format.ts";
import { readAudit } from "../../store/read-audit.ts";
import { exportTiles } from "../../store/tiles.ts";
import type { CommandInput, ExitCode, LeafCommand } from "../command.ts";
import { endWithReader } from "../lost-reader.ts";
import type { Terminal } from "../terminal.ts";
import { filterOf, filterOptions, logOptions, stateFolderOf } from "./log-options.ts";

export const logExport: LeafCommand = {
  name: "export",
  summary: "write records for other tools, or the log as verifiable files",
  description: [
    "jsonl is our own record; ocsf is OCSF 1.6 API Activity; ecs is the Elastic Common Schema: one line of JSON a record.",
    "With --tiles the log is written as C2SP tlog-tiles; a second run adds what is new. Serve the folder with any web server.",
  ],
  options: {
    format: { kind: "value", value: "FORMAT", summary: "jsonl (default), ocsf or ecs", choices: exportFormats },
    output: { kind: "value", short: "o", value: "FILE", summary: "write here instead of standard output" },
    tiles: { kind: "value", value: "FOLDER", summary: "write checkpoint, hash tiles and entry bundles here" },
    ...filterOptions,
    ...logOptions,
  },
  examples: [
    { line: "plimsoll log export --format ocsf --since 24h -o calls.jsonl", does: "yesterday for a SIEM" },
    { line: "plimsoll log export --tiles /srv/www/audit", does: "publish the log" },
  ],
  async run(context, input): Promise<ExitCode> {
    const folder = stateFolderOf(context, input);
    const tiles = input.text("tiles");
    if (tiles !== undefined) return writeTiles(folder, resolve(tiles), context.stderr);
    endWithReader();
    await writeRecords(readAudit({ folder, ...filterOf(input, Date.now()) }), input, context.stdout);
    return 0;
  },
};

function writeTiles(folder: string, target: string, talk: Terminal): ExitCode {
  const reader = openAuditReader(folder);
  try {
    const files = reader.snapshot(() => exportTiles(reader.tables, reader.publishedNote(), target));
    talk.write(`${files} files written to ${target}\n`);
    return 0;
  } finally {
    reader.close();
  }
}

async function writeRecords(records: AsyncIterable<AuditRecord>, input: CommandInput, stdout: Terminal): Promise<void> {
  const asked = input.text("format") ?? "jsonl";
  const format = isExportFormat(asked) ? asked : "jsonl";
  const output = input.text("output");
  if (output === undefined) {
    for await (const record of records) {
      const line = exportLine(record, format);
      stdout.write(`${stdout.isTerminal ? printableJson(line) : line}\n`);
    }
    return;
  }
  const descriptor = openOutput(output);
  try {
    for await (const record of records) writeSync(descriptor, `${exportLine(record, format)}\n`);
  } finally {
    closeSync(descriptor);
  }
}

/** Records tell who did what: the file is for its owner alone. */
function openOutput(file: string): number {
  try {
    return openSync(file, "w", 0o600);
  } catch (cause) {
    throw new PlimsollError("PERMISSION_NEEDED", `${file}: cannot be written: ${errorText(cause)}`, {
      hint: "name a file in a folder that you may write",
      cause,
    });
  }
}
