// A verdict that keeps an image out, as the decision that the caller reads and the record keeps.

import { PlimsollError } from "../../base/errors.ts";
import type { Decision } from "../../model/decision.ts";
import type { TrustVerdict } from "../../model/trust.ts";
import { Refusal } from "../refusal.ts";

/** Says who would have had to sign, and what to do. */
export function denial({ state, scope, reason, remedy }: TrustVerdict): Decision {
  const advice = remedy === "" ? "" : `${remedy}, or `;
  return {
    verdict: "deny",
    rules: [{ id: scope === "" ? "trust/file" : `trust/${scope}`, kind: "request", file: "", line: 0 }],
    reason: state === "cannot-tell" ? `nobody can tell who signed it: ${reason}` : reason,
    remedy: `${advice}ask for the grant image.unsigned`,
  };
}

/** A registry that does not answer, or answers with what cannot be read: nobody can tell what the image is. */
export function asDenial(thrown: unknown): unknown {
  if (thrown instanceof Refusal || !(thrown instanceof PlimsollError)) return thrown;
  if (thrown.code === "NOT_FOUND") return refused(thrown, 404, "request/not-found");
  return refused(thrown, 403, "trust/unreadable");
}

function refused(cause: PlimsollError, status: number, rule: string): Refusal {
  return new Refusal({ code: cause.code, status, rule, reason: cause.message, hint: cause.hint, cause });
}
