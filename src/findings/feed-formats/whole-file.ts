// A feed's file that is small enough to be read at once.

import { readFileSync, statSync } from "node:fs";
import { limitExceeded } from "../../base/errors.ts";
import { decodeJson } from "../../base/json.ts";

const maxBytes = 64 * 1024 * 1024;

/** @throws PlimsollError LIMIT_EXCEEDED */
export function readWhole(path: string): Uint8Array {
  const { size } = statSync(path);
  if (size > maxBytes) throw limitExceeded(path, `${size} bytes, at most ${maxBytes}`);
  return readFileSync(path);
}

/** @throws PlimsollError MALFORMED_INPUT, LIMIT_EXCEEDED */
export function readWholeJson(path: string): unknown {
  return decodeJson(readWhole(path), { maxBytes, duplicates: "exact" });
}
