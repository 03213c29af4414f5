// JSON as programs of other people wrote it: read as their own readers do (a later duplicate wins), since what counts is what they would have installed.

import { errorText, malformed } from "../base/errors.ts";
import type { CatalogFile } from "./cataloger.ts";
import { readText } from "./text.ts";

/** @throws PlimsollError MALFORMED_INPUT */
export function readJson({ path, content }: CatalogFile): unknown {
  return parseJson(path, readText(content));
}

/** @throws PlimsollError MALFORMED_INPUT */
export function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (thrown) {
    throw malformed(path, `expected JSON: ${errorText(thrown).slice(0, 200)}`);
  }
}
