// Secret rules of the user: YAML files that end in `.secrets.yaml`.
//
//   rules:
//     - id: acme-token
//       title: ACME deploy token
//       severity: high
//       literals: ["acme_"]
//       pattern: "acme_(?<secret>[A-Za-z0-9]{32})"

import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { errorText, PlimsollError } from "../../base/errors.ts";
import {
  array,
  boolean,
  type DecodedFields,
  decode,
  exactObject,
  literal,
  number,
  optional,
  string,
} from "../../base/schema.ts";
import { ruleFilesOf } from "../rule-files.ts";
import { type SecretRule, special } from "./secret-rule.ts";

const maxFileBytes = 1024 * 1024;

const ruleFields = {
  id: string,
  title: string,
  severity: literal("low", "medium", "high", "critical"),
  literals: array(string),
  pattern: string,
  ignoreCase: optional(boolean),
  minEntropy: optional(number),
  isPassword: optional(boolean),
  paths: optional(string),
};

/** @throws PlimsollError POLICY_INVALID that names the file and the rule */
export async function readUserRules(files: readonly string[]): Promise<readonly SecretRule[]> {
  const rules: SecretRule[] = [];
  for (const file of ruleFilesOf("secrets", files)) rules.push(...(await readRuleFile(file)));
  return rules;
}

async function readRuleFile(file: string): Promise<readonly SecretRule[]> {
  const invalid = (cause: unknown): PlimsollError =>
    new PlimsollError("POLICY_INVALID", `${file}: ${errorText(cause)}`, { hint: "correct the rule file", cause });
  try {
    const text = await readFile(file, "utf8");
    if (text.length > maxFileBytes) throw new RangeError(`longer than ${maxFileBytes} characters`);
    const document: unknown = parse(text, { maxAliasCount: 0 });
    const context = { code: "POLICY_INVALID", where: file } as const;
    return decode(exactObject({ rules: array(exactObject(ruleFields)) }), document, context).rules.map(toRule);
  } catch (cause) {
    throw invalid(cause);
  }
}

function toRule(rule: DecodedFields<typeof ruleFields>): SecretRule {
  if (!rule.pattern.includes("(?<secret>")) throw new RangeError(`${rule.id}: the pattern has no group (?<secret>...)`);
  if (rule.literals.length === 0) throw new RangeError(`${rule.id}: expected at least one literal`);
  const short = rule.literals.find((text) => text.length < 3);
  if (short !== undefined)
    throw new RangeError(`${rule.id}: literal ${JSON.stringify(short)} is shorter than three characters`);
  return special({
    id: rule.id,
    title: rule.title,
    severity: rule.severity,
    literals: rule.literals,
    isCaseless: rule.ignoreCase ?? false,
    pattern: new RegExp(rule.pattern, rule.ignoreCase === true ? "gi" : "g"),
    lookBack: 128,
    minEntropy: rule.minEntropy ?? 0,
    isPassword: rule.isPassword ?? false,
    paths: rule.paths === undefined ? undefined : new RegExp(rule.paths),
  });
}
