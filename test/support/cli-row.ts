// Uses of the docker CLI as data: test/fixtures/docker-cli/*.yaml, read strictly, so that a mistyped key fails.
// test/fixtures/docker-cli/README.md tells how to write a row.

import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { isFields } from "../../src/base/reading.ts";

export type CliRow = {
  /** Name of the file it stands in. */
  readonly group: string;
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly steps: readonly CliStep[];
  /** Engines that cannot do it, and why: `podman`. */
  readonly not: Readonly<Record<string, string>>;
};

export type CliStep = {
  readonly command: readonly string[];
  /** Any of these. */
  readonly codes: readonly number[];
  /** All have to be in the output: equal failures must not count as equal results. */
  readonly says: readonly RegExp[];
  readonly input?: string;
  /** A file of the row's folder becomes the standard input; the standard output goes to a file. */
  readonly from?: string;
  readonly into?: string;
  /** Runs in a terminal: waits for a text, then types. */
  readonly keys?: readonly { readonly wait: string; readonly type: string }[];
  /** For commands that do not end: Ctrl-C as soon as the output matches. */
  readonly until?: RegExp;
  readonly environment: Readonly<Record<string, string>>;
  /** Asked again, for a while, until it says what it has to: what a container writes comes a moment after its start. */
  readonly isAgain?: true;
  /** Lines in any order. */
  readonly isSorted: boolean;
  /** Output that is different each time, like sizes and loads: only the code and `says` count. */
  readonly isLoose: boolean;
  /** Keeps the trimmed output as ${name} for later steps. */
  readonly save?: string;
};

export function readCliRows(folder = join(import.meta.dirname, "../fixtures/docker-cli")): readonly CliRow[] {
  return globSync(join(folder, "*.yaml"))
    .sort()
    .flatMap((path) => {
      const group = basename(path, ".yaml");
      const rows: unknown = parse(readFileSync(path, "utf8"));
      if (!Array.isArray(rows)) throw new Error(`${path}: expected a list of rows`);
      return rows.map((row: unknown) => readRow(group, row));
    });
}

function readRow(group: string, value: unknown): CliRow {
  const row = only(group, value, ["name", "files", "steps", "not"]);
  const name = text(row["name"]);
  const steps = Array.isArray(row["steps"]) ? row["steps"] : [];
  if (name === "" || steps.length === 0) throw new Error(`${group}: a row without a name or steps`);
  return {
    group,
    name,
    files: textMap(row["files"]),
    steps: steps.map((step: unknown) => readStep(`${group}/${name}`, step)),
    not: textMap(row["not"]),
  };
}

const stepKeys = [
  "run",
  "code",
  "says",
  "input",
  "from",
  "into",
  "keys",
  "until",
  "environment",
  "again",
  "sorted",
  "loose",
  "save",
];

function readStep(where: string, value: unknown): CliStep {
  const step = typeof value === "string" ? { run: value } : only(where, value, stepKeys);
  const says = Array.isArray(step["says"])
    ? step["says"].map(text)
    : [text(step["says"])].filter((each) => each !== "");
  const optional = Object.fromEntries(
    ["input", "from", "into", "save"].flatMap((key) => (step[key] === undefined ? [] : [[key, text(step[key])]])),
  );
  return {
    ...optional,
    ...(Array.isArray(step["keys"]) ? { keys: step["keys"].map(readKey) } : {}),
    ...(step["until"] === undefined ? {} : { until: new RegExp(text(step["until"])) }),
    command: words(text(step["run"])),
    codes: [step["code"] ?? 0].flat().map(Number),
    says: says.map((pattern) => new RegExp(pattern, "m")),
    environment: textMap(step["environment"]),
    ...(step["again"] === true ? { isAgain: true } : {}),
    isSorted: step["sorted"] === true,
    isLoose: step["loose"] === true,
  };
}

function readKey(value: unknown): { readonly wait: string; readonly type: string } {
  const key = only("keys", value, ["wait", "type"]);
  return { wait: text(key["wait"]), type: text(key["type"]) };
}

/** Splits a command at spaces outside of single and double quotes; nothing else is special. */
export function words(command: string): readonly string[] {
  const found = command.trim().match(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g) ?? [];
  return found.map((word) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ""),
  );
}

function only(where: string, value: unknown, keys: readonly string[]): Readonly<Record<string, unknown>> {
  if (!isFields(value)) throw new Error(`${where}: expected a mapping`);
  const wrong = Object.keys(value).filter((key) => !keys.includes(key));
  if (wrong.length > 0) throw new Error(`${where}: unknown key ${wrong.join(", ")}`);
  return value;
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function textMap(value: unknown): Readonly<Record<string, string>> {
  if (!isFields(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, text(item)]));
}
