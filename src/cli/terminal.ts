// Where text goes: colours and widths only for terminals, plain bytes for pipes.
// Source: no-color.org; force-color.org.

import { styleText } from "node:util";

export type Style = Exclude<Parameters<typeof styleText>[0], readonly unknown[]>;

export interface Terminal {
  readonly isTerminal: boolean;
  readonly hasColor: boolean;
  /** Characters in a line; 80 when nobody knows. */
  readonly columns: number;
  write(text: string): void;
  /** The text in this style, or as it is without colours. */
  style(style: Style, text: string): string;
}

type TextStream = { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };

export function openTerminal(stream: TextStream, environment: Readonly<Record<string, string | undefined>>): Terminal {
  const isTerminal = stream.isTTY === true;
  const hasColor = wantsColor(isTerminal, environment);
  return {
    isTerminal,
    hasColor,
    get columns() {
      return stream.columns ?? 80;
    },
    write: (text) => {
      stream.write(text);
    },
    style: (style, text) => (hasColor ? styleText(style, text, { validateStream: false }) : text),
  };
}

function wantsColor(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  const { NO_COLOR: no = "", FORCE_COLOR: force = "", TERM: term } = environment;
  if (no !== "") return false;
  if (force !== "") return force !== "0" && force !== "false";
  return isTerminal && term !== "dumb";
}

/** Columns as wide as their widest cell, two spaces between; the last column is not padded. */
export function formatTable(rows: readonly (readonly string[])[], indent: string = ""): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, visibleWidth(cell));
  }
  const pad = (cell: string, column: number): string =>
    cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - visibleWidth(cell)));
  return rows.map((row) => `${indent}${row.map(pad).join("  ").trimEnd()}\n`).join("");
}

/** Words on lines of at most `width` characters. */
export function wrapText(text: string, width: number, indent: string = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && indent.length + visibleWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((each) => `${indent}${each}\n`).join("");
}

export function visibleWidth(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences that styleText writes
  return [...text.replace(/\u001b\[[0-9;]*m/g, "")].length;
}
