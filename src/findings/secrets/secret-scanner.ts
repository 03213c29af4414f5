// Bytes in, secrets out: the screen finds literals, a rule's pattern is tried around each, and what is found is judged.

import { type LiteralScreen, makeLiteralScreen } from "../literal-screen.ts";
import { isRealSecret } from "./judge-secret.ts";
import type { SecretRule } from "./secret-rule.ts";
import { type Block, countLines } from "./window-sink.ts";

export type SecretMatch = { readonly rule: SecretRule; readonly secret: string; readonly line: number };

/** What is known of the file that a block is from. */
export type ScannedFile = {
  readonly path: string;
  readonly isBinary: boolean;
  /** Characters that patterns may still look at: a file made of nothing but beginnings of secrets must not stop a scan. */
  budget: number;
};

export interface SecretScanner {
  /** Characters that must follow, and precede, an occurrence in a block. */
  readonly reach: number;
  readonly lookBack: number;
  scan(block: Block, file: ScannedFile): readonly SecretMatch[];
}

/** The budget of a file of this many bytes. */
export function patternBudget(size: number): number {
  return 32_000_000 + 2 * Math.min(size, 512_000_000);
}

type Found = SecretMatch & { readonly start: number; readonly end: number; readonly order: number };
/** Rules with the literals that call them. */
type Screened = { readonly screen: LiteralScreen; readonly rulesOf: readonly (readonly SecretRule[])[] };

export function makeSecretScanner(rules: readonly SecretRule[]): SecretScanner {
  const everywhere = screenFor(rules.filter((rule) => rule.paths === undefined));
  const all = screenFor(rules);
  const order = new Map(rules.map((rule, index) => [rule, index]));
  return {
    reach: Math.max(...rules.map((rule) => rule.reach)),
    lookBack: Math.max(...rules.map((rule) => rule.lookBack)) + 8,
    scan(block, file) {
      const isSettings = rules.some((rule) => rule.paths?.test(file.path) === true);
      const { screen, rulesOf } = isSettings ? all : everywhere;
      const found: Found[] = [];
      screen.scan(block.bytes, block.end, (literal, offset) => {
        if (offset < block.from || offset >= block.to) return;
        for (const rule of rulesOf[literal] ?? []) {
          if (file.isBinary && !rule.isCertain) continue;
          const match = tryRule(rule, block, offset, file);
          if (match !== undefined) found.push({ ...match, order: order.get(rule) ?? 0 });
        }
      });
      return withoutOverlaps(found);
    },
  };
}

/** Whatever several rules find in one place is reported once, by the rule that stands first. */
function withoutOverlaps(found: readonly Found[]): readonly SecretMatch[] {
  const kept: Found[] = [];
  for (const match of found.toSorted((left, right) => left.order - right.order)) {
    if (!kept.some(({ start, end }) => match.start < end && start < match.end)) kept.push(match);
  }
  return kept.sort((left, right) => left.start - right.start).map(({ rule, secret, line }) => ({ rule, secret, line }));
}

function screenFor(rules: readonly SecretRule[]): Screened {
  const literals = new Map<
    string,
    { readonly text: string; readonly isCaseless: boolean; readonly rules: SecretRule[] }
  >();
  for (const rule of rules) {
    for (const text of rule.literals) {
      const key = `${rule.isCaseless} ${text}`;
      const literal = literals.get(key) ?? { text, isCaseless: rule.isCaseless, rules: [] };
      literal.rules.push(rule);
      literals.set(key, literal);
    }
  }
  const list = [...literals.values()];
  return { screen: makeLiteralScreen(list), rulesOf: list.map((literal) => literal.rules) };
}

function tryRule(rule: SecretRule, block: Block, offset: number, file: ScannedFile): Omit<Found, "order"> | undefined {
  if (rule.paths !== undefined && !rule.paths.test(file.path)) return undefined;
  const first = Math.max(0, offset - rule.lookBack);
  const begin = Math.max(0, first - 4);
  const last = Math.min(block.end, offset + rule.reach);
  file.budget -= last - begin;
  if (file.budget < 0) return undefined;
  const text = textOf(block.bytes, begin, last);
  if (rule.pattern.sticky && offset - rule.lookBack < 0) return undefined;
  const match = matchAround(rule.pattern, text, first - begin, offset - begin);
  const secret = match?.groups?.["secret"];
  if (match === undefined || secret === undefined) return undefined;
  if (!isBoundary(text, match.index)) return undefined;
  if (!isRealSecret(rule, secret, file.path)) return undefined;
  const start = begin + match.index + match[0].indexOf(secret);
  return { rule, secret, line: lineAt(block, start), start, end: start + secret.length };
}

/** The match that covers the literal: at `first` for a sticky pattern, else the first one that reaches it. */
function matchAround(pattern: RegExp, text: string, first: number, literal: number): RegExpExecArray | undefined {
  pattern.lastIndex = first;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match.index > literal) return undefined;
    if (match.index + match[0].length > literal) return match;
    if (pattern.sticky) return undefined;
    if (match[0] === "") pattern.lastIndex += 1;
  }
  return undefined;
}

/** A token begins where no other word runs into it; `\n` and `%3D` written out are no words. */
function isBoundary(text: string, at: number): boolean {
  if (!/[A-Za-z0-9]/.test(text.charAt(at))) return true;
  const before = text.slice(Math.max(0, at - 3), at);
  return !/[A-Za-z0-9]$/.test(before) || /\\[nrtbf]$|%[0-9A-Fa-f]{2}$/.test(before);
}

function lineAt(block: Block, offset: number): number {
  return block.linesBefore + countLines(block.bytes, offset) + 1;
}

function textOf(bytes: Uint8Array, begin: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + begin, end - begin).toString("latin1");
}
