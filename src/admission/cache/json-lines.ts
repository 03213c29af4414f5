// Long lists as text that never stands in memory whole: a line of JSON for some hundred items, lines gathered to pieces.

import { malformed } from "../../base/errors.ts";

/** Of one line. */
const items = 500;
/** Characters after which a piece is closed. */
const pieceLength = 512 * 1024;

/** @returns a line for each part of the list */
export function* listLines(kind: string, list: readonly unknown[]): Generator<string> {
  for (let at = 0; at < list.length; at += items) yield JSON.stringify([kind, list.slice(at, at + items)]);
}

export function* gatherLines(lines: Iterable<string>): Generator<Buffer> {
  let piece = "";
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < pieceLength) continue;
    yield Buffer.from(piece);
    piece = "";
  }
  if (piece !== "") yield Buffer.from(piece);
}

/** @param pieces of gatherLines, kept by us under a hash: they are what was written @throws PlimsollError MALFORMED_INPUT */
export function* readLines<Line>(pieces: Iterable<Buffer>): Generator<Line> {
  for (const piece of pieces) {
    for (let start = 0; start < piece.length; ) {
      const newline = piece.indexOf(10, start);
      if (newline === -1) throw malformed("kept result", "a line without an end");
      const line: Line = JSON.parse(piece.toString("utf8", start, newline));
      yield line;
      start = newline + 1;
    }
  }
}
