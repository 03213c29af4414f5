// Numbers of many tries, made one.

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export type Bar = {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  /** Which side of the limit is good. */
  readonly wants: "at-most" | "at-least";
  readonly unit: string;
  readonly ok: boolean;
};

export function bar(name: string, value: number, wants: Bar["wants"], limit: number, unit: string): Bar {
  return { name, value: round(value), limit, wants, unit, ok: wants === "at-most" ? value <= limit : value >= limit };
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** A Markdown table, columns aligned for people who read it as text. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [line(header), rule, ...rows.map(line)].join("\n");
}
