// A class of escalation that stays shut whatever the policies permit, until a grant opens it by name.

import { printable } from "../base/printable.ts";
import type { Question } from "../model/decision.ts";
import type { FactValue } from "../model/facts.ts";
import type { Grant } from "../model/grant.ts";

export type Objection = {
  /** One sentence, lower case. */
  readonly reason: string;
  /** What to change in the call: `remove --runtime`; "" when only a grant helps. */
  readonly remedy: string;
};

export interface Invariant {
  /** Equals the file name; rules are called `invariant/NAME`. */
  readonly name: string;
  readonly summary: string;
  /** Any one of these opens it; the first is the one that a remedy names. */
  readonly grants: readonly [Grant, ...Grant[]];
  applies(question: Question): boolean;
  /** Undefined when there is nothing to object to. Only asked where it applies. */
  check(question: Question): Objection | undefined;
}

/** A set of texts among the facts; empty when the action has no such fact. */
export function factSet(question: Question, name: string): readonly string[] {
  const value = factOf(question, name);
  return Array.isArray(value) ? value : [];
}

/** A text among the facts; "" when the action has no such fact. */
export function factText(question: Question, name: string): string {
  const value = factOf(question, name);
  return typeof value === "string" ? value : "";
}

export function factFlag(question: Question, name: string): boolean {
  return factOf(question, name) === true;
}

function factOf(question: Question, name: string): FactValue | undefined {
  return Object.hasOwn(question.context, name) ? question.context[name] : undefined;
}

/** `a, b and 3 more`: names from outside, bounded and without control characters. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => printable(name, 120));
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}
