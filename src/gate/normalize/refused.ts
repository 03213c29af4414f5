// Refusals of requests that are no unambiguous call: one sentence and one remedy each.

import type { ErrorCode } from "../../base/errors.ts";
import { PlimsollError } from "../../base/errors.ts";
import { Refusal } from "../refusal.ts";

export type Refused = {
  /** `request/<slug>` is the rule that the record names. */
  readonly slug: string;
  readonly reason: string;
  readonly hint: string;
  readonly status?: number;
  readonly code?: ErrorCode;
};

export function refused(refusal: Refused): Refusal {
  return new Refusal({
    code: refusal.code ?? "MALFORMED_INPUT",
    status: refusal.status ?? 400,
    rule: `request/${refusal.slug}`,
    reason: refusal.reason,
    hint: refusal.hint,
  });
}

/** A key or parameter that the API does not have. */
export function unknownField(where: string, name: string): Refusal {
  return refused({
    code: "UNKNOWN_FIELD",
    slug: "unknown-field",
    reason: `${where}: the engine's API has no ${quoted(name)} here`,
    hint: "remove it, or set this listener to drop unknown fields",
  });
}

/** A name from outside, short and harmless enough for a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}

/** Errors of the JSON decoder as refusals: where it stood, and the rule by its code. */
export function refusedJson(where: string, thrown: unknown): Refusal {
  if (!(thrown instanceof PlimsollError)) throw thrown;
  return new Refusal({
    code: thrown.code,
    status: thrown.code === "LIMIT_EXCEEDED" ? 413 : 400,
    rule: `request/${jsonSlugs[thrown.code] ?? "malformed-json"}`,
    reason: `${where}: ${thrown.message}`,
    hint: thrown.hint,
    cause: thrown,
  });
}

const jsonSlugs: Readonly<Partial<Record<ErrorCode, string>>> = {
  AMBIGUOUS_INPUT: "duplicate-key",
  LIMIT_EXCEEDED: "json-limit",
};
