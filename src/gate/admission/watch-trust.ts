// Where nothing is refused: the call goes on at once, unchanged, and its record says what the trust file would have made of it.

import type { Decision } from "../../model/decision.ts";
import { Denial, Refusal } from "../refusal.ts";
import type { Admission, TrustAsking } from "./admit-trust.ts";
import { asDenial, denial } from "./denial.ts";
import { mayUse } from "./trust-gate.ts";

/** A record is not kept open for longer than this to learn what a registry says. */
const longestMs = 2000;

type WatchedTrust = {
  /** What to wait for before the record is closed. Never rejects. */
  readonly watched: () => Promise<void>;
  /** Of a build: what its Dockerfile takes from is judged beside it. */
  readonly watchSources: (dockerfile: Uint8Array) => void;
};

/** @param isReleased the caller holds the grant that lets everything pass: the record names it */
export function watchTrust(
  admit: () => Promise<Admission>,
  { generation, trail }: TrustAsking,
  isReleased: boolean,
): WatchedTrust {
  let isLate = false;
  const tell = (found: Decision): void => {
    const before = trail.decision();
    if (!isLate && before.verdict === "allow") trail.decided(isReleased ? released(before, found) : found);
  };
  const told = (thrown: unknown): undefined => {
    const refusal = asDenial(thrown);
    // What is not there at all is the engine's to say.
    if (refusal instanceof Refusal && refusal.code !== "NOT_FOUND") tell(decisionOf(refusal));
  };
  const admission = admit().catch(told);
  const work = [
    admission.then((found) => {
      const bad = found?.verdicts.find((verdict) => !mayUse(verdict, generation));
      if (bad !== undefined) tell(denial(bad));
    }),
  ];
  return {
    async watched() {
      await within(longestMs, Promise.all(work));
      isLate = true;
    },
    watchSources: (dockerfile) =>
      void work.push(admission.then(async (found) => void (await found?.judgeSources?.(dockerfile))).catch(told)),
  };
}

async function within(mostMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, mostMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

function released(before: Decision, { reason }: Decision): Decision {
  const rule = { id: "grant/image.unsigned", kind: "request", file: "", line: 0 } as const;
  return { ...before, rules: [...before.rules, rule], reason: `let in by the grant image.unsigned: ${reason}` };
}

function decisionOf(refusal: Refusal): Decision {
  if (refusal instanceof Denial) return refusal.decision;
  const rule = { id: refusal.rule, kind: "request", file: "", line: 0 } as const;
  return { verdict: "deny", rules: [rule], reason: refusal.message, remedy: refusal.hint };
}
