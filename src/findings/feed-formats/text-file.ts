// Text files of feeds, line by line, within limits; compressed ones are inflated on the way.

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { limitExceeded } from "../../base/errors.ts";

const maxLineLength = 1024 * 1024;
const maxLines = 50_000_000;

/** @throws PlimsollError LIMIT_EXCEEDED; an error of zlib for a broken file */
export async function* readLines(path: string): AsyncIterable<string> {
  const bytes = createReadStream(path);
  // An error of one is an error of the other; the reader below sees it.
  const input = path.endsWith(".gz") ? pipeline(bytes, createGunzip(), () => undefined) : bytes;
  let failure: unknown;
  input.on("error", (cause: unknown) => {
    failure = cause;
  });
  let count = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    count += 1;
    if (line.length > maxLineLength || count > maxLines)
      throw limitExceeded(path, "a line too long, or too many lines");
    yield line;
  }
  if (failure !== undefined) throw failure;
}

/** Rows of a CSV file as objects by its first row; lines that begin with `#` are left out. No field holds a comma. */
export async function* readCsv(path: string): AsyncIterable<ReadonlyMap<string, string>> {
  let header: readonly string[] | undefined;
  for await (const line of readLines(path)) {
    if (line === "" || line.startsWith("#")) continue;
    const fields = line.split(",").map((field) => field.trim());
    if (header === undefined) header = fields;
    else yield new Map(header.map((name, at) => [name, fields[at] ?? ""]));
  }
}
