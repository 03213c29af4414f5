// Files of rules -> the rules in force, by the kind of event that they look at.

import { errorText } from "../../base/errors.ts";
import { nearest } from "../../base/nearest.ts";
import type { KernelEventKind } from "../../model/watch.ts";
import { compileCondition } from "./compile-condition.ts";
import { eventKinds, isEventKind } from "./event-kinds.ts";
import type { BooleanExpression } from "./expression.ts";
import { compileMessage } from "./message.ts";
import { type ConditionReader, createConditionReader } from "./read-condition.ts";
import type { WatchRule } from "./rule.ts";
import { type RuleChange, type RuleFile, type RuleText, wrongRule } from "./rule-file.ts";
import { namesOf } from "./rule-names.ts";

export type RuleSet = {
  /** In the order of the files. Rules that are switched off are left out. */
  readonly rules: readonly WatchRule[];
  of(kind: KernelEventKind): readonly WatchRule[];
};

export type RuleSetOptions = {
  readonly files: readonly RuleFile[];
  /** Names of responses that exist. */
  readonly responses: readonly string[];
  /** Rules that are switched off count too: for tests, and for who wants to see everything. */
  readonly withDisabled?: boolean;
};

type Placed = { readonly text: RuleText; readonly file: string; readonly line: number };

/** @throws PlimsollError RULES_INVALID, naming file and line */
export function buildRuleSet({ files, responses, withDisabled = false }: RuleSetOptions): RuleSet {
  const reader = createConditionReader(namesOf(files));
  const placed = files.flatMap((file) =>
    (file.rules ?? []).map((text, index): Placed => ({ text, file: file.file, line: file.lineOfRule(index) })),
  );
  refuseRepeated(placed);
  const changes = changesOf(files, placed);
  const rules = placed
    .map((each) => ({ ...each, text: changed(each.text, changes.get(each.text.name) ?? []) }))
    .filter(({ text }) => withDisabled || (text.enabled ?? true))
    .map((each) => toRule(each, reader, responses));
  const byKind = new Map<KernelEventKind, WatchRule[]>();
  for (const rule of rules) for (const kind of rule.kinds) byKind.set(kind, [...(byKind.get(kind) ?? []), rule]);
  return { rules, of: (kind) => byKind.get(kind) ?? none };
}

const none: readonly WatchRule[] = [];

function refuseRepeated(placed: readonly Placed[]): void {
  const first = new Map<string, Placed>();
  for (const each of placed) {
    const earlier = first.get(each.text.name);
    if (earlier === undefined) first.set(each.text.name, each);
    else throw wrongRule(each.file, each.line, `${each.text.name} is already at ${earlier.file}:${earlier.line}`);
  }
}

function changesOf(files: readonly RuleFile[], placed: readonly Placed[]): ReadonlyMap<string, readonly RuleChange[]> {
  const names = placed.map(({ text }) => text.name);
  const found = new Map<string, RuleChange[]>();
  for (const file of files) {
    for (const change of file.changes?.rules ?? []) {
      if (!names.includes(change.rule)) throw wrongRule(file.file, 1, unknownName("rule", change.rule, names));
      found.set(change.rule, [...(found.get(change.rule) ?? []), change]);
    }
  }
  return found;
}

function changed(text: RuleText, changes: readonly RuleChange[]): RuleText {
  let rule = text;
  for (const { rule: _name, exceptions = [], ...change } of changes) {
    rule = { ...rule, ...change, exceptions: [...(rule.exceptions ?? []), ...exceptions] };
  }
  return rule;
}

function toRule({ text, file, line }: Placed, reader: ConditionReader, responses: readonly string[]): WatchRule {
  const within = <Value>(what: string, read: () => Value): Value => {
    try {
      return read();
    } catch (cause) {
      throw wrongRule(file, line, `${text.name}: ${what}: ${errorText(cause)}`, cause);
    }
  };
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(text.name)) {
    throw wrongRule(file, line, `${JSON.stringify(text.name)}: expected lower-case-words-with-hyphens`);
  }
  const { name, summary, protection, severity, respond = [], techniques = [] } = text;
  const kinds = text.on.map((kind) => within("on", () => knownKind(kind)));
  for (const each of respond) {
    if (!responses.includes(each)) throw wrongRule(file, line, `${name}: ${unknownName("response", each, responses)}`);
  }
  const judges = judgesOf(text, reader, within);
  const message = within("message", () => compileMessage(text.message));
  return { name, summary, file, line, protection, severity, kinds, ...judges, message, responses: respond, techniques };
}

function judgesOf(
  { when, exceptions = [] }: RuleText,
  reader: ConditionReader,
  within: <Value>(what: string, read: () => Value) => Value,
): Pick<WatchRule, "judge" | "isExcused"> {
  const base: BooleanExpression =
    when === undefined ? { kind: "boolean", value: true } : within("when", () => reader.read(when));
  const excused = exceptions
    .map((exception) => within(`exception ${exception.name}`, () => reader.read(exception.when)))
    .reduce<BooleanExpression>((left, right) => ({ kind: "or", left, right }), { kind: "boolean", value: false });
  const [matches, excuses] = within("when", () => [compileCondition(base), compileCondition(excused)] as const);
  if (exceptions.length === 0) return { judge: matches, isExcused: excuses };
  return {
    judge: (subject) => matches(subject) && !excuses(subject),
    isExcused: (subject) => matches(subject) && excuses(subject),
  };
}

function knownKind(kind: string): KernelEventKind {
  if (isEventKind(kind)) return kind;
  throw new Error(unknownName("kind of event", kind, Object.keys(eventKinds)));
}

function unknownName(what: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return `there is no ${what} ${JSON.stringify(name)}${near === undefined ? "" : `, perhaps ${near}`}`;
}
