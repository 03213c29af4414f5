// What is known of one request so far, so that its audit record is complete wherever the request ends.

import { requestId } from "../base/request-id.ts";
import type { AuditOpening } from "../model/audit.ts";
import type { Decision, Question, Resource, RuleRef } from "../model/decision.ts";
import type { Facts } from "../model/facts.ts";
import type { Principal } from "../model/principal.ts";
import type { Exchange } from "./exchange.ts";
import type { Refusal } from "./refusal.ts";

const nothing: Resource = { type: "Engine", id: "", name: "", owner: "", isShared: false };
const nobody: Principal = { id: "anonymous", kind: "anonymous", name: "", groups: [], owner: "", provider: "" };

/** Grows as the pipeline learns; `opening()` is the record so far. */
export class Trail {
  readonly id: string;
  isRecorded = false;
  readonly #exchange: Exchange;
  readonly #time: string;
  readonly #path: string;
  #caller: Principal = nobody;
  #question: Question | undefined;
  #decision: Decision | undefined;
  #isStopped = false;

  constructor(exchange: Exchange, nowMs: number) {
    this.#exchange = exchange;
    this.#time = new Date(nowMs).toISOString();
    this.#path = pathOf(exchange.head.target);
    this.id = requestId(nowMs);
  }

  named(caller: Principal): Principal {
    this.#caller = caller;
    return caller;
  }

  asked(question: Question): Question {
    this.#question = question;
    return question;
  }

  decided(decision: Decision): Decision {
    this.#decision = decision;
    return decision;
  }

  /** A refusal before or beside policy counts as the decision. */
  refused(refusal: Refusal): Decision {
    const rule: RuleRef = { id: refusal.rule, kind: "request", file: "", line: 0 };
    return this.decided({ verdict: "deny", rules: [rule], reason: refusal.message, remedy: refusal.hint });
  }

  /** Observe and warn let much pass, but not this: the caller is refused, so that is what the record says. */
  stopped(): void {
    this.#isStopped = true;
  }

  /** Observe and warn: something beside policy would have refused what policy permits. */
  wouldRefuse(refusal: Refusal): void {
    if (this.#decision?.verdict === "allow") this.refused(refusal);
  }

  /** @returns what was decided; a deny without reason when nothing was yet */
  decision(): Decision {
    return this.#decision ?? { verdict: "deny", rules: [], reason: "nothing was decided", remedy: "report it" };
  }

  /** The record of a call that the engine answered: from here on nothing may turn it into a refusal. */
  recorded(): AuditOpening {
    this.isRecorded = true;
    return this.opening();
  }

  opening(): AuditOpening {
    const { profile, head } = this.#exchange;
    const denied = this.#decision?.verdict !== "allow";
    const isRefused = denied && (this.#isStopped || profile.mode === "enforce");
    return {
      id: this.id,
      time: this.#time,
      listener: profile.name,
      mode: profile.mode,
      caller: this.#caller,
      method: head.method,
      path: this.#path,
      action: this.#question?.action ?? "unknown",
      resource: this.#question?.resource ?? nothing,
      facts: this.#question?.context ?? noFacts,
      verdict: isRefused ? "deny" : "allow",
      wouldDeny: denied && !isRefused,
      rules: this.#decision?.rules ?? [],
      reason: this.#decision?.reason ?? "",
    };
  }
}

const noFacts: Facts = {};

const maxPathLength = 512;
const [questionMark, hash] = [0x3f, 0x23];

/** Where the path of a usual target ends, which is nearly every one: visible ASCII after a slash. -1 for any other. */
function usualEnd(target: string): number {
  if (!target.startsWith("/")) return -1;
  for (let at = 0; at < target.length; at++) {
    const code = target.charCodeAt(at);
    if (code === questionMark || code === hash) return at;
    if (code < 0x21 || code > 0x7e || at === maxPathLength) return -1;
  }
  return target.length;
}

/** The path of a request target, without query (it may hold credentials) and without control characters. */
function pathOf(target: string): string {
  const end = usualEnd(target);
  if (end >= 0) return target.slice(0, end);
  const path = target.split(/[?#]/, 1)[0] ?? "";
  // Absolute-form targets may carry a password: scheme://user:password@host/path.
  const clean = path.replace(/^([a-z]+:\/\/)[^/@]*@/i, "$1");
  return clean
    .slice(0, maxPathLength)
    .replaceAll(/[^\x21-\x7e]/g, (character) => encodeURIComponent(character.toWellFormed()));
}
