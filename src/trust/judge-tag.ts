// Rollback and freeze: a tag may only go forward, and its record must not be out of date.

import type { TrustSubject, VerifiedStatement } from "../model/trust.ts";
import type { TrustFile, TrustRule } from "./file/trust-file.ts";
import { type TagRecord, tagRecordsIn } from "./tag-record.ts";
import { countSigners, describeThreshold } from "./tally.ts";

type TagQuestion = {
  readonly file: TrustFile;
  readonly subject: TrustSubject;
  readonly statements: readonly VerifiedStatement[];
  readonly highestCounter: number;
  readonly nowMs: number;
};

type TagAnswer = {
  readonly isFresh: boolean;
  readonly counter: number;
  readonly reason: string;
  readonly remedy: string;
};

const fresh: TagAnswer = { isFresh: true, counter: 0, reason: "", remedy: "" };

/** An image named by digest alone has no tag that could be set back. */
export function judgeTag(question: TagQuestion, rule: TrustRule): TagAnswer {
  const { subject, highestCounter, nowMs } = question;
  if (subject.tag === "" || (!rule.freshness.needsTagRecord && highestCounter === 0)) return fresh;
  const stale = (reason: string): TagAnswer => ({
    ...{ isFresh: false, counter: 0, reason },
    remedy: `sign a new record for the tag with plimsoll sign --tag-record ${subject.repository}:${subject.tag}`,
  });
  const records = agreedRecords(question, rule);
  const [best] = records.toSorted((left, right) => right.counter - left.counter);
  if (best === undefined) {
    const wanted = describeThreshold(rule.signers);
    return stale(`the tag ${subject.tag} has no record that holds for this digest; needs ${wanted}`);
  }
  if (best.counter < highestCounter) {
    return stale(`the tag ${subject.tag} was set back: record ${best.counter}, but ${highestCounter} was seen before`);
  }
  if (Date.parse(best.expires) <= nowMs) {
    return stale(`the record of the tag ${subject.tag} expired on ${best.expires.slice(0, 10)}`);
  }
  return { ...fresh, counter: best.counter };
}

/** Records about this tag on which enough signers agree, in every field. */
function agreedRecords(question: TagQuestion, rule: TrustRule): readonly TagRecord[] {
  const { subject } = question;
  const about = tagRecordsIn(question.statements).filter(
    ({ repository, tag }) => repository === subject.repository && tag === subject.tag,
  );
  const context = {
    ...question,
    rule: { ...rule, binds: "any" as const, freshness: { ...rule.freshness, maxAgeDays: 0 } },
  };
  return about.filter((record) => {
    const same = about.filter(({ counter, expires }) => counter === record.counter && expires === record.expires);
    const tally = countSigners(
      same.map(({ statement }) => statement),
      rule.signers,
      context,
    );
    return tally.names.length >= rule.signers.needed;
  });
}
