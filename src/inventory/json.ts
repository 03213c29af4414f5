// JSON as programs of other people wrote it: read as their own readers do (a later duplicate wins), since what counts is what they would have installed.

import { errorText, limitExceeded, malformed } from "../base/errors.ts";
import type { CatalogFile } from "./cataloger.ts";
import { readText } from "./text.ts";

/** Values take many times the room of their text, so this is less than what other texts may have. */
export const maxJsonBytes: number = 16 * 1024 * 1024;
const maxDepth = 300;
/** Shorter texts are parsed without a look at their depth: they cannot hold enough to matter, and there are thousands. Characters. */
const maxUnlookedLength = 256 * 1024;

/** @throws PlimsollError MALFORMED_INPUT, LIMIT_EXCEEDED */
export function readJson({ path, content }: CatalogFile): unknown {
  return parseJson(path, readText(content));
}

/** @throws PlimsollError MALFORMED_INPUT, LIMIT_EXCEEDED */
export function parseJson(path: string, text: string): unknown {
  if (text.length > maxUnlookedLength && isTooDeep(text))
    throw limitExceeded(path, `JSON nested deeper than ${maxDepth} levels`);
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (thrown) {
    throw malformed(path, `expected JSON: ${errorText(thrown).slice(0, 200)}`);
  }
}

/** Looked at before anything is built: millions of opening brackets would become millions of objects. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x7b || code === 0x5b) depth += 1;
    else if (code === 0x7d || code === 0x5d) depth -= 1;
    if (depth > maxDepth) return true;
  }
  return false;
}

/** Where the quote is that ends a string; the text's end when there is none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at;
    if (code === 0x5c) at += 1;
  }
  return text.length;
}

/** For JSON as JavaScript takes it: commas before a closing bracket fall away. Strings are taken whole, so that commas inside them stay. */
export function withoutTrailingCommas(text: string): string {
  let plain = "";
  let kept = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    if (code !== 0x2c || !/^\s{0,200}[}\]]/.test(text.slice(at + 1, at + 202))) continue;
    plain += text.slice(kept, at);
    kept = at + 1;
  }
  return plain + text.slice(kept);
}
