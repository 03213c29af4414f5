// Statements that hold + the trust file -> a verdict. Pure: no clock, no network. The only place that says "trusted".

import { nameWarnings } from "../base/name-warnings.ts";
import { readReference } from "../base/reference.ts";
import type { RejectedStatement, TrustSubject, TrustVerdict, VerifiedStatement } from "../model/trust.ts";
import { findScope } from "./file/scopes.ts";
import type { TrustFile, TrustRule } from "./file/trust-file.ts";
import { missingAttestation } from "./judge-attestations.ts";
import { judgeTag } from "./judge-tag.ts";
import { countSigners, describeThreshold, type Tally } from "./tally.ts";

export type TrustQuestion = {
  readonly file: TrustFile;
  readonly subject: TrustSubject;
  /** Made on this host, or brought in without a registry: nothing outside could say who signed it. */
  readonly isLocal: boolean;
  readonly statements: readonly VerifiedStatement[];
  readonly rejected: readonly RejectedStatement[];
  /** Why the registry could not be asked for signatures; "" when it was. */
  readonly unreachable: string;
  /** Highest counter of a tag record seen for this repository and tag; 0 when none was. */
  readonly highestCounter: number;
  readonly nowMs: number;
};

type Answer = Pick<TrustVerdict, "state" | "reason" | "remedy"> & Partial<TrustVerdict>;

export function judgeTrust(question: TrustQuestion): TrustVerdict {
  const { file, subject, statements, rejected } = question;
  const rule = findScope(file.rules, subject.repository);
  const answer = (given: Answer): TrustVerdict => ({
    ...{ subject, scope: rule?.scope ?? "", signers: [], tagCounter: 0, statements, rejected },
    ...given,
    reason: `${given.reason}${mayBeMistaken(given, subject)}`,
  });
  if (file.revokedDigests.includes(subject.digest)) {
    return answer({
      state: "revoked",
      reason: `${subject.digest} is revoked in the trust file`,
      remedy: "use a newer image",
    });
  }
  if (question.isLocal)
    return answer(unruled(file.local, "the image was made or loaded on this host and nobody signed it"));
  if (rule === undefined)
    return answer(unruled(file.otherwise, `no rule of the trust file covers ${subject.repository}`));
  if (rule.mode === "off") {
    return answer({
      state: "not-required",
      reason: `the trust file asks for no signature on ${rule.scope}`,
      remedy: "",
    });
  }
  return answer(judgeByRule(question, rule));
}

/** Who is refused may have been led to a name that looks like another. */
function mayBeMistaken({ state }: Answer, { repository, tag }: TrustSubject): string {
  if (state === "trusted" || state === "not-required" || repository === "") return "";
  const reference = readReference(tag === "" ? repository : `${repository}:${tag}`);
  const [warning] = reference === undefined ? [] : nameWarnings(reference);
  return warning === undefined ? "" : ` (${warning.detail})`;
}

function unruled(choice: "deny" | "warn" | "allow", reason: string): Answer {
  if (choice !== "deny") return { state: "not-required", reason, remedy: "" };
  return { state: "unsigned", reason, remedy: "sign it, or add a rule for it to the trust file" };
}

function judgeByRule(question: TrustQuestion, rule: TrustRule): Answer {
  const { file } = question;
  const plain = question.statements.filter(({ predicateType }) => predicateType === "");
  const tally = countSigners(plain, rule.signers, { ...question, rule });
  const signers = tally.names;
  if (signers.length < rule.signers.needed) return { ...lacking(question, rule, tally), signers };
  const missing = missingAttestation(question, rule, file);
  if (missing !== undefined) {
    const remedy = "attest it with plimsoll attest, or use another image";
    return unlessHidden(question, { state: "untrusted", signers, reason: missing, remedy });
  }
  const tag = judgeTag(question, rule);
  if (!tag.isFresh) return unlessHidden(question, { state: "stale", signers, reason: tag.reason, remedy: tag.remedy });
  return {
    state: "trusted",
    signers,
    tagCounter: tag.counter,
    reason: `signed by ${signers.join(", ")}`,
    remedy: "",
  };
}

/** What is lacking may be among what could not be looked at. */
function unlessHidden({ unreachable }: TrustQuestion, answer: Answer): Answer {
  if (unreachable === "") return answer;
  return {
    ...answer,
    state: "cannot-tell",
    reason: `${answer.reason}, and not all could be looked up: ${unreachable}`,
  };
}

/** Says who would have had to sign, and why what is there does not count. */
function lacking(question: TrustQuestion, rule: TrustRule, tally: Tally): Answer {
  const wanted = describeThreshold(rule.signers);
  const remedy = `ask ${rule.signers.of.join(" or ")} to sign ${question.subject.digest}`;
  if (question.unreachable !== "") {
    const reason = `signatures could not be looked up: ${question.unreachable}; needs ${wanted}`;
    return { state: "cannot-tell", reason, remedy: "try again when the registry answers" };
  }
  const dismissed = [...tally.dismissed, ...question.rejected.map(({ format, why }) => `${format}: ${why}`)];
  if (dismissed.length === 0 && tally.names.length === 0) {
    return { state: "unsigned", reason: `nobody signed it; needs ${wanted}`, remedy };
  }
  const has = tally.names.length === 0 ? "" : `signed by ${tally.names.join(", ")}, but `;
  const state = tally.isOnlyTooOld ? "stale" : "untrusted";
  return { state, reason: `${has}needs ${wanted}${describeDismissed(dismissed)}`, remedy };
}

function describeDismissed(dismissed: readonly string[]): string {
  const [first] = dismissed;
  if (first === undefined) return "";
  return `; not counted: ${first}${dismissed.length > 1 ? ` (and ${dismissed.length - 1} more)` : ""}`;
}
