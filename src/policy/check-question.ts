// A question that the schema does not know, or that is out of all proportion, is denied before any policy sees it: a fact
// that is missing or of another type could make a forbid fail to match, and a huge one could stall the gate.

import type { FactValue } from "../model/facts.ts";
import type { FactType, PolicySchema } from "./schema.ts";

type Asked = {
  readonly action: string;
  readonly resource: { readonly type: string };
  readonly context: Readonly<Record<string, FactValue>>;
};

/** Far beyond any call of a client: members of a set, and characters of all texts of one fact. */
const maxMembers = 1024;
const maxCharacters = 64 * 1024;

/** What is wrong with the question, as a clause; undefined when nothing is. */
export function findFlaw(question: Asked, schema: PolicySchema): string | undefined {
  const shape = schema.actions.get(question.action);
  if (shape === undefined) return `the action ${question.action} is not in the policy schema`;
  if (!shape.resourceTypes.has(question.resource.type)) {
    return `${question.action} on a ${question.resource.type} is not in the policy schema`;
  }
  for (const [name, type] of shape.facts) {
    if (!Object.hasOwn(question.context, name)) return `the fact ${name} of ${question.action} is missing`;
    if (typeOf(question.context[name]) !== type) return `the fact ${name} of ${question.action} is not a ${type}`;
  }
  return undefined;
}

/** The name of a fact that is too large to be judged; undefined when there is none. */
export function findExcess({ context }: Asked): string | undefined {
  return Object.entries(context).find(([, value]) => isTooLarge(value))?.[0];
}

function isTooLarge(value: FactValue): boolean {
  if (typeof value === "string") return value.length > maxCharacters;
  if (typeof value !== "object") return false;
  return value.length > maxMembers || value.reduce((sum, text) => sum + text.length, 0) > maxCharacters;
}

function typeOf(value: unknown): FactType | undefined {
  if (typeof value === "boolean") return "Bool";
  if (typeof value === "number") return Number.isSafeInteger(value) ? "Long" : undefined;
  if (typeof value === "string") return "String";
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? "Set" : undefined;
}
