// Reads the trust file from disk, and refuses one that is older than the last that was used here.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { readTrustFile } from "../../trust/file/read-trust-file.ts";
import type { TrustFile } from "../../trust/file/trust-file.ts";
import type { SeenCounters } from "./seen-counters.ts";

/** @throws PlimsollError CONFIG_INVALID */
export function openTrustFile(path: string, counters: SeenCounters): TrustFile {
  const folder = dirname(resolve(path));
  const readFile = (name: string): string => read(resolve(folder, name), path);
  const file = readTrustFile({ name: path, text: read(path, path), readFile });
  const name = `trust file ${resolve(path)}`;
  const highest = counters.highest(name);
  if (file.counter < highest) {
    throw new PlimsollError("CONFIG_INVALID", `${path}: counter ${file.counter}, but ${highest} was in use before`, {
      hint: "put the newest trust file back, or give it a higher counter",
    });
  }
  counters.remember(name, file.counter);
  return file;
}

function read(path: string, trustFile: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new PlimsollError("CONFIG_INVALID", `${trustFile}: ${errorText(cause)}`, {
      hint: "write a trust file (docs/trust.md), or name one with --trust-file",
      cause,
    });
  }
}
