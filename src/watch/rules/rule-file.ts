// A file of rules, as people write it. docs/rules.md explains every key.

import { isMap, isSeq, LineCounter, parseDocument } from "yaml";
import { errorText, PlimsollError } from "../../base/errors.ts";
import {
  array,
  boolean,
  type Decoded,
  decode,
  either,
  exactObject,
  integer,
  literal,
  optional,
  record,
  string,
} from "../../base/schema.ts";
import { type AlertSeverity, type Protection, protections } from "../../model/watch.ts";

const severities: readonly AlertSeverity[] = ["notice", "warning", "critical"];
const severity = literal<AlertSeverity>(...severities);
const exceptionText = exactObject({ name: string, when: string });

const ruleText = exactObject({
  name: string,
  summary: string,
  protection: literal<Protection>(...protections),
  severity,
  on: array(string),
  when: optional(string),
  message: string,
  respond: optional(array(string)),
  exceptions: optional(array(exceptionText)),
  techniques: optional(array(string)),
  enabled: optional(boolean),
});

const changeText = exactObject({
  rule: string,
  enabled: optional(boolean),
  severity: optional(severity),
  respond: optional(array(string)),
  exceptions: optional(array(exceptionText)),
});

const fileText = exactObject({
  lists: optional(record(array(either(string, integer)))),
  macros: optional(record(string)),
  rules: optional(array(ruleText)),
  /** Of what other files say. */
  changes: optional(exactObject({ lists: optional(record(array(string))), rules: optional(array(changeText)) })),
});

export type RuleText = Decoded<typeof ruleText>;
export type RuleChange = Decoded<typeof changeText>;
export type RuleFile = Decoded<typeof fileText> & {
  readonly file: string;
  /** Where the rule with this place in the file begins; 1-based. */
  readonly lineOfRule: (index: number) => number;
};

const maxCharacters = 1024 * 1024;

/** @throws PlimsollError RULES_INVALID, naming the file and what is wrong */
export function readRuleFile(file: string, text: string): RuleFile {
  const counter = new LineCounter();
  const document = parseYaml(file, text, counter);
  const rules = isMap(document.contents) ? document.contents.get("rules", true) : undefined;
  const context = { code: "RULES_INVALID", where: file, hint: "see docs/rules.md for what a rule may say" } as const;
  return {
    ...decode(fileText, valuesOf(document, file), context),
    file,
    lineOfRule(index) {
      const node = isSeq(rules) ? rules.items[index] : undefined;
      return counter.linePos(isMap(node) ? (node.range?.[0] ?? 0) : 0).line;
    },
  };
}

export function parseYaml(file: string, text: string, counter: LineCounter): ReturnType<typeof parseDocument> {
  if (text.length > maxCharacters) throw wrongRule(file, 1, `more than ${maxCharacters} characters`);
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true, prettyErrors: false });
  const [mistake] = document.errors;
  if (mistake !== undefined) throw wrongRule(file, counter.linePos(mistake.pos[0]).line, mistake.message);
  return document;
}

/** Aliases are refused: a few bytes of them can stand for gigabytes. */
export function valuesOf(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 }) ?? {};
  } catch (cause) {
    throw wrongRule(file, 1, errorText(cause), cause);
  }
}

export function wrongRule(file: string, line: number, what: string, cause?: unknown): PlimsollError {
  return new PlimsollError("RULES_INVALID", `${file}:${line}: ${what}`, {
    hint: "see docs/rules.md for what a rule may say",
    cause,
  });
}
