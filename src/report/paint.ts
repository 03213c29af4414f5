// Colours for terminals, and columns that fit them. Without colours the same text.

import { styleText } from "node:util";
import type { Severity } from "../model/advisory.ts";

type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

export function painter(hasColour: boolean): Paint {
  return (style, text) => (hasColour ? styleText(style, text, { validateStream: false }) : text);
}

export const severityStyles: Readonly<Record<Severity, Style>> = {
  critical: ["bold", "magenta"],
  high: ["red"],
  medium: ["yellow"],
  low: ["cyan"],
  negligible: ["dim"],
  unknown: ["dim"],
};

export type Cell = { readonly text: string; readonly style?: Style };

type Column = {
  readonly title: string;
  /** Narrowest that it may get. */
  readonly least: number;
  /** Left out where the others would have to be cut for it. */
  readonly isSpare?: boolean;
};

/**
 * Rows as lines of at most `width` characters: columns in which nothing stands are left out, then the spare ones, then the widest give way;
 * what is cut ends in `…`.
 */
export function* layOut(
  all: readonly Column[],
  allRows: readonly (readonly Cell[])[],
  options: { readonly width: number; readonly paint: Paint },
): Generator<string> {
  const isKept = keptColumns(all, allRows, options.width);
  const columns = all.filter((_, at) => isKept[at]);
  const rows = allRows.map((cells) => cells.filter((_, at) => isKept[at]));
  const widths = fitWidths(columns, rows, options.width);
  const line = (cells: readonly Cell[]): string =>
    cells
      .map((cell, at) => {
        const text = cut(cell.text, widths[at] ?? 0);
        const gap = at === cells.length - 1 ? "" : " ".repeat((widths[at] ?? 0) - lengthOf(text) + 2);
        return (cell.style === undefined ? text : options.paint(cell.style, text)) + gap;
      })
      .join("")
      .trimEnd();
  yield `${line(columns.map(({ title }) => ({ text: title, style: "dim" })))}\n`;
  for (const row of rows) yield `${line(row)}\n`;
}

function keptColumns(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
): readonly boolean[] {
  const widest = columns.map((_, at) => rows.reduce((most, row) => Math.max(most, lengthOf(row[at]?.text ?? "")), 0));
  const others = columns.map(({ isSpare, title }, at) =>
    isSpare === true || widest[at] === 0 ? 0 : Math.max(widest[at] ?? 0, title.length) + 2,
  );
  const taken = others.reduce((sum, each) => sum + each, 0);
  return columns.map(({ isSpare, least }, at) => widest[at] !== 0 && (isSpare !== true || taken + least <= width));
}

function fitWidths(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number): readonly number[] {
  const widths = columns.map((column, at) =>
    rows.reduce((widest, row) => Math.max(widest, lengthOf(row[at]?.text ?? "")), column.title.length),
  );
  const total = (): number => widths.reduce((sum, each) => sum + each + 2, -2);
  while (total() > width) {
    const room = widths.map((each, at) => each - Math.max(columns[at]?.least ?? 0, columns[at]?.title.length ?? 0));
    const most = Math.max(...room);
    if (most <= 0) break;
    const at = room.indexOf(most);
    widths[at] = (widths[at] ?? 0) - 1;
  }
  return widths;
}

function lengthOf(text: string): number {
  // Most texts are ASCII: their length is known without looking at each character.
  return /^[ -~]*$/.test(text) ? text.length : [...text].length;
}

function cut(text: string, width: number): string {
  if (lengthOf(text) <= width) return text;
  return `${[...text].slice(0, Math.max(0, width - 1)).join("")}…`;
}
