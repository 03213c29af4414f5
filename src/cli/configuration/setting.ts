// One value of the configuration file with the place where it stands, and its strict readers: every mistake names
// file, line, what was expected and what was found.

import type { LineCounter, Node, Pair } from "yaml";
import { PlimsollError } from "../../base/errors.ts";
import { nearest } from "../../base/nearest.ts";
import { yaml } from "../../base/yaml.ts";

export type Setting = {
  readonly source: { readonly file: string; readonly lines: LineCounter };
  /** `listeners[0].mode` */
  readonly path: string;
  readonly node: Node;
};

/** The entries of a map. Any other key is a mistake. @throws PlimsollError CONFIG_INVALID */
export function readKeys<Key extends string>(
  setting: Setting,
  keys: readonly Key[],
): { readonly [key in Key]?: Setting } {
  if (!yaml().isMap<unknown, unknown>(setting.node)) throw wrong(setting, "a map of keys");
  const found: { [key in Key]?: Setting } = {};
  for (const pair of setting.node.items) {
    const key = keys.find((known) => known === keyText(pair));
    if (key === undefined) throw unknownKey(setting, pair, keys);
    const path = joinPath(setting.path, key);
    // An alias stands here for a value that stands somewhere else: too clever for a file that decides who is root.
    if (!isNode(pair.value)) throw wrong({ ...setting, path }, "a value of its own, without aliases");
    found[key] = { ...setting, path, node: pair.value };
  }
  return found;
}

export function readList<Value>(setting: Setting, read: (item: Setting) => Value): readonly Value[] {
  if (!yaml().isSeq<unknown>(setting.node)) throw wrong(setting, "a list");
  return setting.node.items.map((node, index) => {
    if (!isNode(node)) throw wrong(setting, "a list without empty items");
    return read({ ...setting, path: `${setting.path}[${index}]`, node });
  });
}

export function readText(setting: Setting): string {
  const value = yaml().isScalar(setting.node) ? setting.node.value : undefined;
  if (typeof value !== "string" || value === "") throw wrong(setting, "a text");
  return value;
}

export function readChoice<Choice extends string>(setting: Setting, choices: readonly Choice[]): Choice {
  const value = yaml().isScalar(setting.node) ? setting.node.value : undefined;
  const choice = choices.find((each) => each === value);
  if (choice === undefined) {
    throw wrong(setting, choices.join(" or "), nearestHint(value, choices));
  }
  return choice;
}

export function readFlag(setting: Setting): boolean {
  const value = yaml().isScalar(setting.node) ? setting.node.value : undefined;
  if (typeof value !== "boolean") throw wrong(setting, "true or false");
  return value;
}

export function readInteger(setting: Setting, from: number, to: number): number {
  const value = yaml().isScalar(setting.node) ? setting.node.value : undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= from && value <= to) return value;
  throw wrong(setting, `a whole number from ${from} to ${to}`);
}

/** `4 MiB`, `10GB`, or a number of bytes. */
export function readBytes(setting: Setting): number {
  const value = yaml().isScalar(setting.node) ? setting.node.value : undefined;
  const [, digits, unit = ""] = /^(\d{1,15})\s*([kMGT]i?B)?$/.exec(String(value)) ?? [];
  const bytes = Number(digits) * (byteUnits[unit] ?? Number.NaN);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw wrong(setting, "a size such as 512 MiB");
}

const byteUnits: Readonly<Record<string, number>> = {
  "": 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  kiB: 2 ** 10,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** `file:line: path: expected X, found Y` */
export function wrong(setting: Setting, expected: string, hint?: string): PlimsollError {
  const found = yaml().isScalar(setting.node)
    ? JSON.stringify(setting.node.value)
    : yaml().isMap(setting.node)
      ? "a map"
      : "a list";
  const where = `${place(setting.source, setting.node)}${setting.path === "" ? "" : `: ${setting.path}`}`;
  return new PlimsollError("CONFIG_INVALID", `${where}: expected ${expected}, found ${found}`, {
    hint: hint ?? "correct the line; docs/configuration.md has every key with an example",
  });
}

function unknownKey(setting: Setting, pair: Pair<unknown, unknown>, keys: readonly string[]): PlimsollError {
  const name = keyText(pair);
  const where = place(setting.source, isNode(pair.key) ? pair.key : setting.node);
  const within = setting.path === "" ? "" : ` in ${setting.path}`;
  return new PlimsollError("CONFIG_INVALID", `${where}: unknown key "${name}"${within}`, {
    hint: nearestHint(name, keys) ?? `use one of ${keys.join(", ")}`,
  });
}

function nearestHint(word: unknown, known: readonly string[]): string | undefined {
  const near = typeof word === "string" ? nearest(word, known) : undefined;
  return near === undefined ? undefined : `write "${near}"`;
}

function place(source: Setting["source"], node: Node): string {
  return `${source.file}:${source.lines.linePos(node.range?.[0] ?? 0).line}`;
}

function keyText(pair: Pair<unknown, unknown>): string {
  return yaml().isScalar(pair.key) ? String(pair.key.value) : "";
}

function joinPath(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function isNode(value: unknown): value is Node {
  return yaml().isScalar(value) || yaml().isMap(value) || yaml().isSeq(value);
}
