// Where everybody asks who vouches for an image: resolves the name, looks up what was signed, judges it by the trust file, and
// remembers. What was verified of a digest is kept for a while; the judgement is made anew each time, for the time it is then.

import { type ImageReference, parseReference } from "../../base/reference.ts";
import { thisPlatform } from "../../image/documents/platform.ts";
import { openArtifacts } from "../../image/registry/artifacts.ts";
import type { SourceSettings } from "../../image/source.ts";
import type { Digest } from "../../model/image.ts";
import type { TrustSubject, TrustVerdict } from "../../model/trust.ts";
import type { TrustFile } from "../../trust/file/trust-file.ts";
import { judgeTrust } from "../../trust/judge.ts";
import { type LookedUp, lookUpStatements } from "./look-up-statements.ts";
import { withLookaside } from "./lookaside.ts";
import { type ResolvedSubject, resolveSubject } from "./resolve-subject.ts";
import type { SeenCounters } from "./seen-counters.ts";

export type JudgedImage = ResolvedSubject & { readonly verdict: TrustVerdict };

export interface TrustDesk {
  /** Resolves the name at its registry and judges what it stands for. @throws PlimsollError when it cannot be resolved */
  judge(reference: ImageReference): Promise<JudgedImage>;
  /** Judges a digest that is known already; without a question to anybody while what was verified is kept. */
  judgeSubject(subject: TrustSubject): Promise<TrustVerdict>;
  /** An image that was built, loaded, imported or committed here: no registry vouches for its name. */
  judgeLocal(subject: TrustSubject): TrustVerdict;
}

export type TrustDeskOptions = {
  readonly file: TrustFile;
  readonly settings: SourceSettings;
  readonly counters: SeenCounters;
  readonly nowMs: () => number;
};

/** How long what was verified may be used without asking the registry again. */
const keptMs = 10 * 60_000;
const maxKept = 4096;

type Kept = { readonly found: LookedUp; readonly atMs: number };

export function openTrustDesk(options: TrustDeskOptions): TrustDesk {
  const kept = new Map<string, Kept>();
  const judgeSubject = async (subject: TrustSubject): Promise<TrustVerdict> => {
    const key = `${subject.repository}@${subject.digest}`;
    const nowMs = options.nowMs();
    const before = kept.get(key);
    if (before !== undefined && nowMs - before.atMs < keptMs) {
      const verdict = judgeFound(before.found, subject, options);
      if (verdict.state === "trusted") return verdict;
    }
    const found = await lookUp(subject, options);
    const verdict = judgeFound(found, subject, options);
    if (verdict.state === "trusted") keep(kept, key, { found, atMs: nowMs });
    else kept.delete(key);
    return verdict;
  };
  return {
    async judge(reference) {
      const store = openArtifacts(reference, options.settings);
      const resolved = await resolveSubject(reference, store, options.settings.platform ?? thisPlatform());
      return { ...resolved, verdict: await judgeSubject(resolved.subject) };
    },
    judgeSubject,
    judgeLocal: (subject) =>
      judgeTrust({ ...unasked, file: options.file, subject, isLocal: true, nowMs: options.nowMs() }),
  };
}

const unasked = { statements: [], rejected: [], unreachable: "", highestCounter: 0 } as const;

async function lookUp(subject: TrustSubject, { file, settings, nowMs }: TrustDeskOptions): Promise<LookedUp> {
  const store = withLookaside(openArtifacts(parseReference(subject.repository), settings), file.lookaside);
  return await lookUpStatements(subject, store, file.material, nowMs());
}

/** The counter is remembered only for what is trusted: a record by anybody else could lock a tag. */
function judgeFound(found: LookedUp, subject: TrustSubject, options: TrustDeskOptions): TrustVerdict {
  const { file, counters, nowMs } = options;
  const name = counterName(subject.repository, subject.tag);
  const highestCounter = subject.tag === "" ? 0 : counters.highest(name);
  const verdict = judgeTrust({ file, subject, isLocal: false, ...found, highestCounter, nowMs: nowMs() });
  if (verdict.state === "trusted" && verdict.tagCounter > highestCounter) counters.remember(name, verdict.tagCounter);
  return verdict;
}

/** What the highest counter of a tag is remembered under. */
export function counterName(repository: string, tag: string): string {
  return `${repository}:${tag}`;
}

function keep(kept: Map<string, Kept>, key: Digest, value: Kept): void {
  if (kept.size >= maxKept) for (const oldest of [...kept.keys()].slice(0, maxKept / 4)) kept.delete(oldest);
  kept.set(key, value);
}
