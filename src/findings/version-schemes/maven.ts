// Maven's order of versions: numbers and qualifiers in nested lists; `-` and a change between digits and letters open a list.
// Source: maven.apache.org/pom.html, "Version Order Specification".

import { limitExceeded, malformed } from "../../base/errors.ts";
import { compareDigits } from "../natural-order.ts";
import type { VersionScheme } from "../version-scheme.ts";

export const maven: VersionScheme = {
  name: "maven",
  summary: "Maven, Gradle and all who use their repositories",
  needs: {},
  ecosystems: ["maven"],
  compare(left, right) {
    return compareItems(parse(left), parse(right));
  },
};

type Item = string | readonly Item[];
type List = Item[];

const qualifiers: readonly string[] = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];
const sameAs: ReadonlyMap<string, string> = new Map([
  ["ga", ""],
  ["final", ""],
  ["release", ""],
  ["cr", "rc"],
]);
const shortFor: ReadonlyMap<string, string> = new Map([
  ["a", "alpha"],
  ["b", "beta"],
  ["m", "milestone"],
]);
const maxLength = 512;

/** `1.0-rc2` is [1, [rc, [2]]]: each list is the last thing in the one around it. */
function parse(text: string): readonly Item[] {
  if (text.length > maxLength) throw limitExceeded("version", `${text.length} characters, at most ${maxLength}`);
  if (text.trim() === "") throw malformed("version", "an empty Maven version");
  const lists: List[] = [[]];
  const tokens = text.toLowerCase().match(/\d+|[^\d.-]+|[.-]/g) ?? [];
  let wasSeparator = true;
  for (const [at, token] of tokens.entries()) {
    const isSeparator = token === "." || token === "-";
    const opensList = isSeparator ? false : !wasSeparator || isQualifier(token, tokens[at + 1]);
    if (opensList && (!wasSeparator || lists.at(-1)?.length !== 0)) lists.push([]);
    if (!isSeparator) lists.at(-1)?.push(itemOf(token, tokens[at + 1]));
    else if (wasSeparator) lists.at(-1)?.push("0");
    if (token === "-") lists.push([]);
    wasSeparator = isSeparator;
  }
  return lists.reduceRight<readonly Item[]>((inner, list, at) => {
    return normalize(at === lists.length - 1 ? list : [...list, inner]);
  }, []);
}

/** `1.x1` reads as `1-x1`: a word before digits or at the end; `1.x.2` does not. */
function isQualifier(token: string, next: string | undefined): boolean {
  return !/^\d/.test(token) && next !== "." && next !== "-";
}

function itemOf(token: string, next: string | undefined): string {
  if (/^\d/.test(token)) return token;
  const isBeforeDigit = next !== undefined && /^\d/.test(next);
  const word = (isBeforeDigit ? shortFor.get(token) : undefined) ?? token;
  return sameAs.get(word) ?? word;
}

/** What says nothing is dropped from the end; a list in between does not stop that. */
function normalize(list: readonly Item[]): readonly Item[] {
  const kept = [...list];
  for (let at = kept.length - 1; at >= 0; at -= 1) {
    const item = kept[at];
    if (item === undefined) break;
    if (isNothing(item)) kept.splice(at, 1);
    else if (typeof item === "string") break;
  }
  return kept;
}

function isNothing(item: Item): boolean {
  return typeof item === "string" ? item === "" || /^0+$/.test(item) : item.length === 0;
}

function compareItems(left: Item, right: Item): number {
  if (typeof left === "string" && typeof right === "string") return compareWords(left, right);
  if (typeof left !== "string" && typeof right !== "string") return compareLists(left, right);
  return kindRank(left) - kindRank(right);
}

function compareLists(left: readonly Item[], right: readonly Item[]): number {
  const length = Math.max(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const [a, b] = [left[at], right[at]];
    const difference =
      a === undefined ? -compareWithNothing(b ?? "") : b === undefined ? compareWithNothing(a) : compareItems(a, b);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareWithNothing(item: Item): number {
  if (typeof item === "string") return /^\d/.test(item) ? compareDigits(item, "0") : compareQualifiers(item, "");
  for (const inner of item) {
    const difference = compareWithNothing(inner);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A qualifier comes before a list, a list before a number. */
function kindRank(item: Item): number {
  if (typeof item !== "string") return 1;
  return /^\d/.test(item) ? 2 : 0;
}

function compareWords(left: string, right: string): number {
  const kinds = kindRank(left) - kindRank(right);
  if (kinds !== 0) return kinds;
  return kindRank(left) === 2 ? compareDigits(left, right) : compareQualifiers(left, right);
}

/** Unknown words come behind `sp`, by the alphabet. */
function compareQualifiers(left: string, right: string): number {
  const [a, b] = [qualifiers.indexOf(left), qualifiers.indexOf(right)];
  const difference = (a === -1 ? qualifiers.length : a) - (b === -1 ? qualifiers.length : b);
  if (difference !== 0 || a !== -1) return difference;
  return left < right ? -1 : left > right ? 1 : 0;
}
