// The calls of Cedar that this room uses, each with a plain result instead of Cedar's answer unions.
// Source: @cedar-policy/cedar-wasm 4.13, nodejs entry.

import {
  type AuthorizationAnswer,
  type CedarValueJson,
  checkParsePolicySet,
  type DetailedError,
  type EntityJson,
  isAuthorized,
  type PolicyJson,
  type PolicySet,
  policySetTextToParts,
  policyToJson,
  preparsePolicySet,
  type SchemaJson,
  schemaToJson,
  statefulIsAuthorized,
  type TypeAndId,
  type ValidationError,
  validate,
} from "@cedar-policy/cedar-wasm/nodejs";
import { PlimsollError } from "../base/errors.ts";

export type CedarMistake = {
  readonly message: string;
  /** UTF-8 byte where the mistake starts; undefined when Cedar does not say. */
  readonly byte: number | undefined;
};

export type CedarRequest = {
  readonly principal: TypeAndId;
  readonly action: TypeAndId;
  readonly resource: TypeAndId;
  readonly context: Readonly<Record<string, CedarValueJson>>;
  readonly entities: readonly EntityJson[];
};

export type CedarAnswer = {
  readonly decision: "allow" | "deny";
  /** Ids of the policies that made the decision: all matching forbids, else all matching permits. */
  readonly determining: readonly string[];
  /** Policies whose evaluation failed, and why; an empty id is the request itself. */
  readonly errors: readonly { readonly id: string; readonly message: string }[];
};

/** Policies by id, as text or as parsed by Cedar. */
export type CedarPolicies = Readonly<Record<string, string | PolicyJson>>;

export type Parsed<T> =
  | { readonly kind: "parsed"; readonly json: T }
  | { readonly kind: "mistake"; readonly mistake: CedarMistake };

export function parsePolicy(text: string): Parsed<PolicyJson> {
  const checked = checkParsePolicySet({ staticPolicies: { policy: text } });
  if (checked.type === "failure") return { kind: "mistake", mistake: mistakeOf(checked.errors) };
  return parsed(policyToJson(text));
}

/** How many policies Cedar itself finds in a text; templates do not count. Undefined when it cannot be parsed. */
export function countPolicies(text: string): number | undefined {
  const answer = policySetTextToParts(text);
  return answer.type === "success" ? answer.policies.length : undefined;
}

export function parseSchema(text: string): Parsed<SchemaJson<string>> {
  return parsed(schemaToJson(text));
}

/** Checks every policy against the schema, strictly. Warnings are what is legal and surely not meant. */
export function validatePolicies(
  policies: CedarPolicies,
  schema: string,
): readonly (CedarMistake & { readonly id: string; readonly severity: "error" | "warning" })[] {
  const answer = validate({ schema, policies: { staticPolicies: policies }, validationSettings: { mode: "strict" } });
  if (answer.type === "failure") return [{ id: "", severity: "error", ...mistakeOf(answer.errors) }];
  const of = (severity: "error" | "warning") => (found: ValidationError) => ({
    id: found.policyId,
    severity,
    ...mistakeOf([found.error]),
  });
  return [...answer.validationErrors.map(of("error")), ...answer.validationWarnings.map(of("warning"))];
}

/** A set that Cedar holds parsed in its memory. */
export type KeptSet = {
  ask(request: CedarRequest): CedarAnswer;
  /** Frees Cedar's memory. Later questions are still answered, from the text, slowly: somebody may hold an old engine. */
  drop(): void;
};

/**
 * @param name unique among the sets that are held; the name of a dropped set may be used again
 * @throws PlimsollError POLICY_INVALID
 */
export function keepPolicySet(name: string, policies: CedarPolicies): KeptSet {
  let isDropped = false;
  hold(name, { staticPolicies: policies });
  return {
    ask(request) {
      if (isDropped) return askOnce(policies, request);
      return answerOf(statefulIsAuthorized({ ...callOf(request), validateRequest: false, preparsedPolicySetId: name }));
    },
    drop() {
      if (isDropped) return;
      isDropped = true;
      hold(name, { staticPolicies: {} }); // Cedar has no call to forget a set: an empty one takes its place
    },
  };
}

/** Asks without keeping anything: parses every time. */
export function askOnce(policies: CedarPolicies, request: CedarRequest): CedarAnswer {
  return answerOf(isAuthorized({ ...callOf(request), validateRequest: false, policies: { staticPolicies: policies } }));
}

function hold(name: string, policies: PolicySet): void {
  const answer = preparsePolicySet(name, policies);
  if (answer.type === "success") return;
  throw new PlimsollError("POLICY_INVALID", `policy set ${name}: ${mistakeOf(answer.errors).message}`, {
    hint: "run plimsoll policy check",
  });
}

function callOf({ principal, action, resource, context, entities }: CedarRequest) {
  return { principal, action, resource, context: { ...context }, entities: [...entities] };
}

function answerOf(answer: AuthorizationAnswer): CedarAnswer {
  if (answer.type === "failure") {
    return { decision: "deny", determining: [], errors: [{ id: "", message: mistakeOf(answer.errors).message }] };
  }
  const { decision, diagnostics } = answer.response;
  const errors = diagnostics.errors.map((found) => ({ id: found.policyId, message: found.error.message }));
  return { decision, determining: diagnostics.reason.toSorted(), errors }; // Cedar gives them in no order
}

function parsed<T>(
  answer:
    | { readonly type: "success"; readonly json: T }
    | { readonly type: "failure"; readonly errors: DetailedError[] },
): Parsed<T> {
  if (answer.type === "success") return { kind: "parsed", json: answer.json };
  return { kind: "mistake", mistake: mistakeOf(answer.errors) };
}

function mistakeOf(errors: readonly DetailedError[]): CedarMistake {
  const first = errors[0];
  if (first === undefined) return { message: "refused without a reason", byte: undefined };
  const place = first.sourceLocations?.[0];
  const label = place?.label ? `: ${place.label}` : "";
  const help = first.help ? ` (${first.help})` : "";
  return { message: `${first.message}${label}${help}`, byte: place?.start };
}
