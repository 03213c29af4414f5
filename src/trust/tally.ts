// Which signers a set of statements brings together. A signer counts once, however often and in however many formats it signed.

import type { SignerIdentity, TrustSubject, VerifiedStatement } from "../model/trust.ts";
import type { Threshold, TrustFile, TrustRule } from "./file/trust-file.ts";

export type TallyContext = {
  readonly file: TrustFile;
  readonly rule: TrustRule;
  readonly subject: TrustSubject;
  readonly nowMs: number;
};

export type Tally = {
  /** Distinct names, in the order of the threshold. */
  readonly names: readonly string[];
  /** Why the others do not count, one sentence each. */
  readonly dismissed: readonly string[];
  /** Everything that was dismissed would have counted when it was younger. */
  readonly isOnlyTooOld: boolean;
};

type Weighed = { readonly name: string; readonly objection: string; readonly isTooOld: boolean };

const dayMs = 24 * 60 * 60 * 1000;

export function countSigners(
  statements: readonly VerifiedStatement[],
  threshold: Threshold,
  context: TallyContext,
): Tally {
  const weighed = statements.map((statement) => weigh(statement, threshold, context));
  const counting = new Set(weighed.filter(({ objection }) => objection === "").map(({ name }) => name));
  const dismissed = weighed.filter(({ objection }) => objection !== "");
  return {
    names: threshold.of.filter((name) => counting.has(name)),
    dismissed: [...new Set(dismissed.map(({ objection }) => objection))],
    isOnlyTooOld: dismissed.length > 0 && dismissed.every(({ isTooOld }) => isTooOld),
  };
}

export function describeThreshold({ needed, of }: Threshold): string {
  if (of.length === 1) return `a signature by ${of[0]}`;
  if (needed === of.length) return `signatures by all of ${of.join(", ")}`;
  return needed === 1 ? `a signature by one of ${of.join(", ")}` : `signatures by ${needed} of ${of.join(", ")}`;
}

/** The name that the trust file gives to exactly this identity. */
export function nameOfSigner(identity: SignerIdentity, file: TrustFile): string | undefined {
  return file.signers.find((signer) => isSame(signer.identity, identity))?.name;
}

function weigh(statement: VerifiedStatement, threshold: Threshold, context: TallyContext): Weighed {
  const { file, rule, subject } = context;
  const name = nameOfSigner(statement.signer, file) ?? "";
  const no = (objection: string): Weighed => ({ name, objection, isTooOld: false });
  if (statement.digest !== subject.digest) return no(`a signature over another digest, ${statement.digest}`);
  if (name === "")
    return no(`a signature by somebody whom the trust file does not name (${describeSigner(statement.signer)})`);
  if (!threshold.of.includes(name)) return no(`${name} may not sign for ${rule.scope}`);
  if (file.revokedSigners.includes(name)) return no(`${name} is revoked`);
  if (rule.formats.length > 0 && !rule.formats.some((format) => format === statement.format)) {
    return no(`${name} signed in the format ${statement.format}, the rule takes ${rule.formats.join(", ")}`);
  }
  if (rule.binds === "repository" && statement.repository !== subject.repository) {
    const bound = statement.repository === "" ? "names no repository" : `is for ${statement.repository}`;
    return no(`the signature by ${name} ${bound}, not for ${subject.repository}`);
  }
  if (statement.tag !== "" && subject.tag !== "" && statement.tag !== subject.tag) {
    return no(`the signature by ${name} is for the tag ${statement.tag}, not ${subject.tag}`);
  }
  if (rule.needsTimestamp && !statement.hasTimestamp) return no(`the signature by ${name} has no trusted timestamp`);
  if (rule.needsLog && !statement.isInLog) return no(`the signature by ${name} is in no transparency log`);
  return weighAge(statement, name, context);
}

function weighAge(statement: VerifiedStatement, name: string, { rule, nowMs }: TallyContext): Weighed {
  const { maxAgeDays } = rule.freshness;
  if (maxAgeDays === 0) return { name, objection: "", isTooOld: false };
  if (statement.signedAtMs === 0) {
    const objection = `nobody vouches for when ${name} signed, and the rule limits the age to ${maxAgeDays} days`;
    return { name, objection, isTooOld: false };
  }
  const days = Math.floor((nowMs - statement.signedAtMs) / dayMs);
  if (nowMs - statement.signedAtMs <= maxAgeDays * dayMs) return { name, objection: "", isTooOld: false };
  return { name, objection: `the signature by ${name} is ${days} days old, more than ${maxAgeDays}`, isTooOld: true };
}

function isSame(left: SignerIdentity, right: SignerIdentity): boolean {
  if (left.kind === "key" && right.kind === "key") return left.keyId === right.keyId;
  if (left.kind === "gpg" && right.kind === "gpg") return left.fingerprint === right.fingerprint;
  if (left.kind === "certificate" && right.kind === "certificate") {
    return left.subject === right.subject && left.root === right.root;
  }
  if (left.kind === "keyless" && right.kind === "keyless") {
    const isExplained = left.roots.some((root) => right.roots.includes(root));
    return left.issuer === right.issuer && left.subject === right.subject && isExplained;
  }
  return false;
}

/** For people; nothing is decided by it. */
export function describeSigner(identity: SignerIdentity): string {
  if (identity.kind === "key") return `key ${identity.keyId.slice(0, 16)}`;
  if (identity.kind === "gpg") return `key ${identity.fingerprint}`;
  return identity.subject;
}
