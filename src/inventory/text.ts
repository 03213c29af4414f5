// Bytes of files that are text by convention only -> text. Bytes that are not UTF-8 become U+FFFD: such a name matches nothing, which
// for an owned path means that it is judged like everybody's.

import { isAscii } from "node:buffer";
import { limitExceeded } from "../base/errors.ts";

const utf8 = new TextDecoder("utf-8");

export function readText(content: Uint8Array): string {
  if (isAscii(content)) return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("latin1");
  return utf8.decode(content);
}

/** Longest line, in characters: what reads lines by patterns never meets more. */
const maxLineLength = 1024 * 1024;

/**
 * The lines of a text, without their ends, one at a time: a large file never lies in memory twice.
 * @throws PlimsollError LIMIT_EXCEEDED past maxLines, or at a line of more than a million characters
 */
export function* linesOf(text: string, maxLines: number = 20_000_000): Generator<string> {
  let start = 0;
  for (let count = 0; start < text.length; count += 1) {
    if (count === maxLines) throw limitExceeded("text", `more than ${maxLines} lines`);
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    if (end - start > maxLineLength) throw limitExceeded("text", `a line of ${end - start} characters`);
    yield text.slice(start, end > start && text.charCodeAt(end - 1) === 0x0d ? end - 1 : end);
    start = end + 1;
  }
}

/** Bytes that are made text at once. */
const windowBytes = 256 * 1024;

/**
 * The same from the bytes of a file, of which no more than a part is text at any time: packages are made of few of its lines.
 * @throws PlimsollError LIMIT_EXCEEDED past maxLines, or at a line of more than a million bytes
 */
export function* fileLines(content: Uint8Array, maxLines: number = 20_000_000): Generator<string> {
  let count = 0;
  for (let start = 0; start < content.length; ) {
    const end = windowEnd(content, start);
    for (const line of linesOf(readText(content.subarray(start, end)))) {
      if (count === maxLines) throw limitExceeded("text", `more than ${maxLines} lines`);
      count += 1;
      yield line;
    }
    start = end;
  }
}

/** Behind the last newline of the window, or behind the first one after it. */
function windowEnd(content: Uint8Array, start: number): number {
  if (content.length - start <= windowBytes) return content.length;
  const newline = content.lastIndexOf(0x0a, start + windowBytes - 1);
  if (newline >= start) return newline + 1;
  const next = content.indexOf(0x0a, start + windowBytes);
  const end = next === -1 ? content.length : next + 1;
  if (end - start > maxLineLength) throw limitExceeded("text", `a line of ${end - start} bytes`);
  return end;
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Everything before the last part; "" for what lies in the root. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** A path as people and databases write it -> as FileEntry.path: no leading slash or dot. */
export function relativePath(path: string): string {
  let start = 0;
  for (;;) {
    if (path.startsWith("/", start)) start += 1;
    else if (path.startsWith("./", start)) start += 2;
    else break;
  }
  const relative = path.slice(start);
  return relative === "." ? "" : relative;
}
