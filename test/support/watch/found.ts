// What the table's cells held when they were last looked at: test/fixtures/watch-attacks/found.json, written by `npm run protections`
// from the results that the tests leave in dist/attacks.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { array, decode, exactObject, literal, optional, record, string } from "../../../src/base/schema.ts";
import { here, type Place } from "./attack-table.ts";
import type { Cell, Outcome } from "./grade.ts";

export type Found = {
  readonly detect: Outcome;
  readonly block: Outcome;
  /** Rules that told, at either level. */
  readonly rules: readonly string[];
};

/** By attack and place. */
export type AllFound = Readonly<Record<string, Readonly<Partial<Record<Place, Found>>>>>;

const repository = join(import.meta.dirname, "../../..");
const file = join(repository, "test/fixtures/watch-attacks/found.json");

const outcome = literal<Outcome>("works", "detected", "denied", "killed", "untold", "no effect", "lost");
const found = exactObject({ detect: outcome, block: outcome, rules: array(string) });
const shape = record(exactObject({ host: optional(found), guest: optional(found) }));

export function readFound(): AllFound {
  if (!existsSync(file)) return {};
  return decode(shape, JSON.parse(readFileSync(file, "utf8")), { code: "MALFORMED_INPUT", where: "found.json" });
}

export function writeFound(all: AllFound): void {
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
}

/** The guest's own files vanish with it, but for this folder. */
export function resultsFolder(place: Place = here): string {
  return here === "guest" ? "/run/guest/out" : join(repository, "dist/attacks", place);
}

export function writeResults(cells: readonly Cell[]): void {
  mkdirSync(resultsFolder(), { recursive: true });
  writeFileSync(join(resultsFolder(), "attacks.json"), JSON.stringify(toFound(cells), undefined, 2));
}

/** @returns undefined when the tests did not run there */
export function readResults(place: Place): Readonly<Record<string, Found>> | undefined {
  const path = join(resultsFolder(place), "attacks.json");
  if (!existsSync(path)) return undefined;
  return decode(record(found), JSON.parse(readFileSync(path, "utf8")), { code: "MALFORMED_INPUT", where: path });
}

/** The two watched columns by attack. */
export function toFound(cells: readonly Cell[]): Readonly<Record<string, Found>> {
  const names = [...new Set(cells.map(({ attack }) => attack))];
  const rows = names.map((name): readonly [string, Found] => {
    const at = (level: string): Cell | undefined => cells.find((cell) => cell.attack === name && cell.level === level);
    const [detect, block] = [at("detect"), at("block")];
    const rules = [...new Set([...(detect?.rules ?? []), ...(block?.rules ?? [])])].sort();
    return [name, { detect: detect?.outcome ?? "lost", block: block?.outcome ?? "lost", rules }];
  });
  return Object.fromEntries(rows);
}
