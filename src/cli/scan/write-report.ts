// A scan's result to a file or to the terminal, in the format that was asked for or that the file's name tells.

import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { errorText, PlimsollError } from "../../base/errors.ts";
import type { ScanResult } from "../../model/scan.ts";
import type { Format } from "../../report/format.ts";
import { formats } from "../../report/formats.generated.ts";
import type { Terminal } from "../terminal.ts";

/** @param name asked for; undefined: what the output's name ends in, else the fallback */
export function chooseFormat(name: string | undefined, output: string | undefined, fallback: string): Format {
  const wanted = name ?? formatOfFile(output) ?? fallback;
  const found = formats.find((format) => format.name === wanted);
  if (found !== undefined) return found;
  throw new PlimsollError("USAGE", `--format: there is no format "${wanted}"`, {
    hint: `choose one of ${formats.map((format) => format.name).join(", ")}`,
  });
}

/** The longest ending that fits; several formats end in .json, and plain .json is our own. */
function formatOfFile(output: string | undefined): string | undefined {
  if (output === undefined) return undefined;
  const fitting = formats.filter(({ extension, name }) => output.endsWith(extension) && name !== "gitlab");
  return fitting.toSorted((left, right) => right.extension.length - left.extension.length)[0]?.name;
}

export type ReportOptions = {
  readonly format: Format;
  readonly output: string | undefined;
  readonly showLayers: boolean;
};

export function writeReport(result: ScanResult, options: ReportOptions, stdout: Terminal): void {
  const { format, output, showLayers } = options;
  const isFile = output !== undefined;
  const pieces = format.render(result, {
    hasColour: !isFile && stdout.hasColor,
    width: isFile || !stdout.isTerminal ? 160 : stdout.columns,
    showLayers,
  });
  if (isFile) writeFile(output, pieces);
  else writeTerminal(stdout, pieces);
}

function writeTerminal(stdout: Terminal, pieces: Iterable<string>): void {
  // A terminal takes a large report in few large writes.
  let waiting = "";
  for (const piece of pieces) {
    waiting += piece;
    if (waiting.length < 64 * 1024) continue;
    stdout.write(waiting);
    waiting = "";
  }
  stdout.write(waiting);
}

/** A report tells where an image is weak: the file is for its owner alone. */
function writeFile(output: string, pieces: Iterable<string>): void {
  const descriptor = openOutput(output);
  try {
    for (const piece of pieces) writeSync(descriptor, piece);
  } catch (cause) {
    rmSync(output, { force: true });
    throw cannotWrite(output, cause);
  } finally {
    closeSync(descriptor);
  }
}

function openOutput(output: string): number {
  try {
    return openSync(output, "w", 0o600);
  } catch (cause) {
    throw cannotWrite(output, cause);
  }
}

function cannotWrite(output: string, cause: unknown): PlimsollError {
  return new PlimsollError("PERMISSION_NEEDED", `${output}: cannot be written: ${errorText(cause)}`, {
    hint: "name a file in a folder that you may write",
    cause,
  });
}
