// One instruction's text, joined from continued lines, that still knows where each character came from.

import type { Position } from "./dockerfile.ts";

export interface LogicalLine {
  readonly text: string;
  positionOf(offset: number): Position;
}

type Piece = { readonly start: number; readonly line: number; readonly column: number };

export class LogicalLineBuilder {
  #text = "";
  readonly #pieces: Piece[] = [];

  get isEmpty(): boolean {
    return this.#text === "";
  }

  /** @param column of the text's first character */
  append(text: string, line: number, column: number): void {
    this.#pieces.push({ start: this.#text.length, line, column });
    this.#text += text;
  }

  build(): LogicalLine {
    const pieces = [...this.#pieces];
    return {
      text: this.#text,
      positionOf: (offset) => {
        const piece = pieceAt(pieces, offset) ?? { start: 0, line: 1, column: 1 };
        return { line: piece.line, column: piece.column + offset - piece.start };
      },
    };
  }
}

/** The last piece that begins at or before an offset. */
function pieceAt(pieces: readonly Piece[], offset: number): Piece | undefined {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.start ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return pieces[low - 1];
}
