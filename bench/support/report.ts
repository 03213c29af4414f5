// How a benchmark tells what it found: tables for people, one object for programs, and the page of the manual.
//   --json  one object on standard output    --write  replaces the numbers of this benchmark in docs/benchmarks.md

import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { type Bar, table } from "./statistics.ts";

export type Part = { readonly text: string; readonly bars: readonly Bar[] };

export type Report = {
  /** As in `npm run bench:NAME`. */
  readonly name: "gate" | "scan" | "trust" | "watch";
  /** What ran where: one sentence. */
  readonly about: string;
  readonly parts: readonly Part[];
};

/** `--only=NAME,NAME` measures a part of it. */
export function isWanted(part: string): boolean {
  const only = onlyWord();
  return only === undefined || only.slice("--only=".length).split(",").includes(part);
}

function onlyWord(): string | undefined {
  return process.argv.find((word) => word.startsWith("--only="));
}

/** The exit code is 1 when a bar is missed. @throws Error when the page has no place for this benchmark */
export function tellReport({ name, about, parts }: Report): void {
  const bars = parts.flatMap((part) => part.bars);
  const cores = `${cpus().length} cores (${cpus()[0]?.model.trim()})`;
  const machine = `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cores}. ${about}`;
  const text = [machine, ...parts.map(({ text: each }) => each), barTable(bars)].filter(Boolean).join("\n\n");
  const isJson = process.argv.includes("--json");
  process.stdout.write(`${isJson ? JSON.stringify({ about: machine, bars }) : text}\n`);
  if (process.argv.includes("--write")) {
    if (onlyWord() !== undefined) throw new Error("--write: the manual has the numbers of whole runs, not of --only");
    replaceNumbers(name, text);
  }
  process.exitCode = bars.every(({ ok }) => ok) ? 0 : 1;
}

function barTable(bars: readonly Bar[]): string {
  const rows = bars.map(({ name, value, wants, limit, unit, ok }) => [
    name.replaceAll("|", "\\|"),
    `${value} ${unit}`.trim(),
    `${wants.replace("-", " ")} ${limit} ${unit}`.trim(),
    ok ? "yes" : "NO",
  ]);
  return table(["bar", "value", "limit", "met"], rows);
}

function replaceNumbers(name: string, text: string): void {
  const path = join(import.meta.dirname, "../../docs/benchmarks.md");
  const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const page = readFileSync(path, "utf8");
  const [before, rest] = page.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${path}: expected ${start} and ${end}`);
  writeFileSync(path, `${before}${start}\n\n${text}\n\n${end}${after}`);
}
