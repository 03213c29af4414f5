// Policy files and the schema -> an engine, or the first mistake with its file and line.

import { randomUUID } from "node:crypto";
import { PlimsollError } from "../base/errors.ts";
import { createPolicyEngine, type EngineOptions } from "./create-policy-engine.ts";
import type { PolicyEngine } from "./policy-engine.ts";
import { readRules } from "./read-rules.ts";
import type { Mistake } from "./rule.ts";
import { type PolicySchema, readSchema } from "./schema.ts";
import type { PolicySource } from "./source.ts";

/** @throws PlimsollError POLICY_INVALID, naming file, line and mistake */
export function loadPolicies(sources: readonly PolicySource[], schemaText: string): PolicyEngine {
  return loadWithSchema(sources, readSchema(schemaText), { generation: 1, prefix: randomUUID() });
}

/** @throws PlimsollError POLICY_INVALID */
export function loadWithSchema(
  sources: readonly PolicySource[],
  schema: PolicySchema,
  options: EngineOptions,
): PolicyEngine {
  const { rules, mistakes } = readRules(sources, schema);
  const errors = mistakes.filter((mistake) => mistake.severity === "error");
  if (errors.length > 0) throw invalid(errors);
  return createPolicyEngine(rules, schema, options);
}

function invalid(errors: readonly Mistake[]): PlimsollError {
  const [first] = errors;
  const place = first === undefined ? "policies" : `${first.file}:${first.line}: ${first.message}`;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new PlimsollError("POLICY_INVALID", `${place}${more}`, {
    hint: "run plimsoll policy check to see every mistake",
  });
}
