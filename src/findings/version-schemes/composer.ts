// Composer's order of versions: written out in full (`v1.2-RC1` is 1.2.0.0-RC1), then compared part by part as PHP does.
// Branches without a number (`dev-main`) have no place in it.
// Source: getcomposer.org/doc/articles/versions.md; php.net/version_compare.

import { malformed } from "../../base/errors.ts";
import { compareDigits } from "../natural-order.ts";
import type { VersionScheme } from "../version-scheme.ts";

export const composer: VersionScheme = {
  name: "composer",
  summary: "PHP packages of Packagist",
  needs: {},
  ecosystems: ["composer"],
  compare(left, right) {
    const [a, b] = [partsOf(normalize(left)), partsOf(normalize(right))];
    const length = Math.max(a.length, b.length);
    for (let at = 0; at < length; at += 1) {
      const difference = compareParts(a[at], b[at]);
      if (difference !== 0) return difference;
    }
    return 0;
  },
};

const modifier = "[._-]?(?:(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?\\d+)*)?)?([.-]?dev)?$";
const classical = new RegExp(`^v?(\\d{1,5}(?:\\.\\d+){0,3})${modifier}`, "i");
const dated = new RegExp(`^v?(\\d{4}(?:[.:-]?\\d{2}){1,6}(?:[.:-]?\\d{1,3}){0,2})${modifier}`, "i");
const branch = /^v?(\d+(?:\.(?:\d+|[xX*])){0,3})[.-]?dev$/i;
const maxLength = 256;
/** What Composer writes for `x` in a branch: behind every release. */
const anyNumber = "9999999";
const longForms: Readonly<Record<string, string>> = { a: "alpha", b: "beta", p: "patch", pl: "patch", rc: "RC" };

function normalize(text: string): string {
  if (text.length > maxLength) throw malformed("version", `${text.length} characters, at most ${maxLength}`);
  const version = text
    .trim()
    .replace(/@(?:stable|rc|beta|alpha|dev)$/i, "")
    .replace(/^([^,\s+]+)\+\S+$/, "$1");
  const release = classical.exec(version);
  if (release?.[1] !== undefined) return withStability(padded(release[1].split("."), "0"), release);
  const date = dated.exec(version);
  if (date?.[1] !== undefined) return withStability(date[1].replaceAll(/\D/g, "."), date);
  const numbers = branch.exec(version)?.[1];
  if (numbers === undefined) throw malformed("version", `no Composer version: ${text.slice(0, 80)}`);
  const known = numbers.split(".").map((number) => (/^\d/.test(number) ? number : anyNumber));
  return `${padded(known, anyNumber)}-dev`;
}

function padded(numbers: readonly string[], filler: string): string {
  return [...numbers, ...Array.from({ length: 4 - numbers.length }, () => filler)].join(".");
}

function withStability(numbers: string, match: RegExpExecArray): string {
  const [word = "", number = "", development = ""] = match.slice(2);
  if (word === "stable") return numbers;
  const short = word.toLowerCase();
  const stability = word === "" ? "" : `-${longForms[short] ?? short}${number.replace(/^[.-]+/, "")}`;
  return `${numbers}${stability}${development === "" ? "" : "-dev"}`;
}

function partsOf(version: string): readonly string[] {
  return version.match(/\d+|[^\d.+_-]+/g) ?? [];
}

/** PHP's order of words; `#` is any number; a word that is in no place comes first. */
const ranks: readonly (readonly [start: string, rank: number])[] = [
  ["dev", 0],
  ["a", 1],
  ["b", 2],
  ["RC", 3],
  ["rc", 3],
  ["#", 4],
  ["p", 5],
];

/** A missing part is as good as a number, but any number that is there is more. */
function compareParts(left: string | undefined, right: string | undefined): number {
  const [isLeft, isRight] = [/^\d/.test(left ?? ""), /^\d/.test(right ?? "")];
  if (isLeft && isRight) return compareDigits(left ?? "", right ?? "");
  if (left === undefined && isRight) return -1;
  if (right === undefined && isLeft) return 1;
  return rankOf(isLeft ? "#" : left) - rankOf(isRight ? "#" : right);
}

function rankOf(word: string | undefined): number {
  return ranks.find(([start]) => (word ?? "#").startsWith(start))?.[1] ?? -1;
}
