// Policy files -> rules, with every mistake in them and its line. Nothing is thrown: a check shows all mistakes at once.

import { type CedarMistake, countPolicies, parsePolicy, validatePolicies } from "./cedar.ts";
import { lintPolicy } from "./lint.ts";
import type { Mistake, Rule } from "./rule.ts";
import type { PolicySchema } from "./schema.ts";
import { linesBeforeByte, type PolicySource, type PolicyText, splitPolicies } from "./source.ts";

export type ReadRules = { readonly rules: readonly Rule[]; readonly mistakes: readonly Mistake[] };

/** Most bytes of one policy file. */
const maxBytes = 1024 * 1024;

export function readRules(sources: readonly PolicySource[], schema: PolicySchema): ReadRules {
  const read = sources.map(readSource);
  const rules = read.flatMap((part) => part.rules);
  const mistakes = [...read.flatMap((part) => part.mistakes), ...findRepeated(rules), ...validateRules(rules, schema)];
  return { rules, mistakes };
}

function readSource(source: PolicySource): ReadRules {
  if (Buffer.byteLength(source.text) > maxBytes) {
    return { rules: [], mistakes: [mistake(source.file, 1, `more than ${maxBytes} bytes`)] };
  }
  if (!/^[a-z0-9][a-z0-9_.-]*$/i.test(source.name)) {
    return { rules: [], mistakes: [mistake(source.file, 1, `the set's name is ${JSON.stringify(source.name)}`)] };
  }
  const parts = splitPolicies(source.text).map((piece) => readPolicy(source, piece));
  const rules = parts.flatMap((part) => part.rules);
  const mistakes = parts.flatMap((part) => part.mistakes);
  // What we cut apart has to be what Cedar reads in one piece, or a policy could hide from one of us.
  if (mistakes.length === 0 && countPolicies(source.text) !== rules.length) {
    return { rules, mistakes: [mistake(source.file, 1, `expected ${rules.length} policies as Cedar reads the file`)] };
  }
  return { rules, mistakes };
}

function readPolicy(source: PolicySource, piece: PolicyText): ReadRules {
  const answer = parsePolicy(piece.text);
  if (answer.kind === "mistake") {
    return { rules: [], mistakes: [mistake(source.file, lineOf(piece, answer.mistake), answer.mistake.message)] };
  }
  const notes = answer.json.annotations ?? {};
  const rule: Rule = {
    id: `${source.name}/${notes["id"] ?? `line-${piece.line}`}`,
    effect: answer.json.effect,
    file: source.file,
    line: piece.line,
    reason: notes["reason"] ?? "",
    remedy: notes["remedy"] ?? "",
    text: piece.text,
    json: answer.json,
  };
  const mistakes = lintPolicy(answer.json).map((message) => mistake(source.file, piece.line, message));
  return { rules: [rule], mistakes };
}

function findRepeated(rules: readonly Rule[]): readonly Mistake[] {
  const first = new Map<string, Rule>();
  const mistakes: Mistake[] = [];
  for (const rule of rules) {
    const earlier = first.get(rule.id);
    if (earlier === undefined) first.set(rule.id, rule);
    else mistakes.push(mistake(rule.file, rule.line, `${rule.id} is already at ${earlier.file}:${earlier.line}`));
  }
  return mistakes;
}

function validateRules(rules: readonly Rule[], schema: PolicySchema): readonly Mistake[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const texts = Object.fromEntries(rules.map((rule) => [rule.id, rule.text]));
  return validatePolicies(texts, schema.text).map((found) => {
    const rule = byId.get(found.id);
    const message = found.message.replace(/^for policy `[^`]*`, /, "");
    if (rule === undefined) return mistake("policy schema", 1, message);
    // A forbid that can never match protects from nothing; a permit like that only permits nothing.
    const severity = rule.effect === "forbid" ? "error" : found.severity;
    return { ...mistake(rule.file, lineOf(rule, found), message), severity };
  });
}

function lineOf(piece: PolicyText, found: CedarMistake): number {
  return piece.line + (found.byte === undefined ? 0 : linesBeforeByte(piece.text, found.byte));
}

function mistake(file: string, line: number, message: string): Mistake {
  return { file, line, message, severity: "error" };
}
