// Pairs of versions as they occur: parts that publishers use, and neighbours that differ by little. The same pairs on every run.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

export type Pair = readonly [left: string, right: string];

/** A random number below `max`, from a seed. */
export type Choose = (max: number) => number;

export function chooser(seed: string): Choose {
  let counter = 0;
  let pool = Buffer.alloc(0);
  return (max) => {
    if (pool.length < 4) {
      pool = createHash("sha512").update(`${seed} ${counter}`).digest();
      counter += 1;
    }
    const value = pool.readUInt32BE();
    pool = pool.subarray(4);
    return value % max;
  };
}

export type Grammar = {
  /** What stands before the numbers: "" often. */
  readonly prefixes: readonly string[];
  readonly separators: readonly string[];
  readonly suffixes: readonly string[];
  readonly revisions: readonly string[];
  /** Shape that the oracle takes for a version. */
  readonly valid: RegExp;
  /** Versions seen in the world. */
  readonly real?: readonly string[];
};

export function pairsOf(grammar: Grammar, count: number, seed: string): readonly Pair[] {
  const choose = chooser(seed);
  const pairs: Pair[] = [];
  while (pairs.length < count) {
    const left = versionOf(grammar, choose);
    const right = choose(2) === 0 ? versionOf(grammar, choose) : neighbourOf(left, grammar, choose);
    if (grammar.valid.test(left) && grammar.valid.test(right)) pairs.push([left, right]);
  }
  return pairs;
}

const pick = <T>(items: readonly T[], choose: Choose): T => {
  const item = items[choose(items.length)];
  if (item === undefined) throw new Error("nothing to choose from");
  return item;
};

function versionOf(grammar: Grammar, choose: Choose): string {
  if (grammar.real !== undefined && grammar.real.length > 0 && choose(3) === 0) return pick(grammar.real, choose);
  const numbers = Array.from({ length: 1 + choose(4) }, () => numberOf(choose));
  const suffix = (): string =>
    choose(2) === 0 ? "" : pick(grammar.suffixes, choose).replace("#", () => numberOf(choose));
  const joined = numbers.reduce((text, number) => text + pick(grammar.separators, choose) + number);
  return `${pick(grammar.prefixes, choose)}${joined}${suffix()}${suffix()}${pick(grammar.revisions, choose).replace("#", () => numberOf(choose))}`;
}

function numberOf(choose: Choose): string {
  const kind = choose(12);
  if (kind === 0) return `0${choose(10)}`;
  if (kind === 1) return String(20_200_101 + choose(60_000));
  if (kind === 2) return String(choose(1000));
  return String(choose(4) === 0 ? choose(30) : choose(4));
}

/** One character less, more or other; or a part that comes or goes. */
function neighbourOf(version: string, grammar: Grammar, choose: Choose): string {
  const at = choose(version.length);
  const letters = `0123456789${grammar.separators.join("")}${grammar.suffixes.join("")}`.replaceAll("#", "");
  const letter = letters[choose(letters.length)] ?? "1";
  const changes = [
    version.slice(0, at) + version.slice(at + 1),
    version.slice(0, at) + letter + version.slice(at),
    version.slice(0, at) + letter + version.slice(at + 1),
    version + pick(grammar.suffixes, choose).replace("#", numberOf(choose)),
    version.replace(/\d+/, (number) => String(Number(number) + 1)),
    `${version}.0`,
    version.toUpperCase(),
  ];
  return pick(changes, choose);
}

const labels = "../shared/data/advisories/match-labels.ndjson.gz";

/** Versions of packages in real images that have a given shape; none where that data is absent. */
export function labelledVersions(shape: RegExp): readonly string[] {
  if (!existsSync(labels)) return [];
  const versions = new Set<string>();
  for (const line of gunzipSync(readFileSync(labels)).toString("utf8").split("\n")) {
    const version = /"package":\{"name":"[^"]*","version":"([^"]+)"/.exec(line)?.[1];
    if (version !== undefined && shape.test(version)) versions.add(version);
  }
  return [...versions].sort();
}
