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

/** Characters that fit into a line: in a pipe lines are as long as they are. */
export function roomOf({ isTerminal, columns }: Terminal): number {
  return isTerminal ? columns : Number.POSITIVE_INFINITY;
}

/** A last column that is narrower is not worth wrapping. */
const leastRoom = 24;

/**
 * Columns as wide as their widest cell, two spaces between; the last column is not padded.
 * @param width where the last column goes on in a line of its own
 */
export function formatTable(
  rows: readonly (readonly string[])[],
  indent: string = "",
  width: number = Number.POSITIVE_INFINITY,
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, visibleWidth(cell));
  }
  const pad = (cell: string, column: number): string =>
    cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - visibleWidth(cell)));
  const start = indent.length + widths.slice(0, -1).reduce((sum, each) => sum + each + 2, 0);
  const room = width - start < leastRoom ? Number.POSITIVE_INFINITY : width - start;
  const line = (row: readonly string[]): string => `${indent}${row.map(pad).join("  ").trimEnd()}\n`;
  return rows
    .map((row) => {
      const last = row.at(-1) ?? "";
      if (row.length < widths.length || visibleWidth(last) <= room) return line(row);
      const [first = "", ...more] = wrapText(last, room).trimEnd().split("\n");
      return line([...row.slice(0, -1), first]) + more.map((text) => `${" ".repeat(start)}${text}\n`).join("");
    })
    .join("");
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
