// Questions to another process that wait for their answer, by number.

import { PlimsollError } from "../../base/errors.ts";

export interface Pending {
  /** @returns a number to ask with, above 0 */
  open(patienceMs?: number): { readonly number: number; readonly answer: Promise<void> };
  /** @param problem "" when it went well; of numbers that nobody waits for nothing is heard */
  settle(number: number, problem: string): void;
  failAll(reason: string): void;
}

type Waiting = {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
};

export function createPending(timeoutMs: number): Pending {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  const take = (number: number): Waiting | undefined => {
    const found = waiting.get(number);
    waiting.delete(number);
    clearTimeout(found?.timer);
    return found;
  };
  return {
    open(patienceMs = timeoutMs) {
      const number = ++last;
      const answer = new Promise<void>((resolve, reject) => {
        const late = (): void => void take(number)?.reject(unanswered(`no answer within ${patienceMs / 1000} s`));
        waiting.set(number, { resolve, reject, timer: setTimeout(late, patienceMs) });
      });
      return { number, answer };
    },
    settle(number, problem) {
      const found = take(number);
      if (problem === "") found?.resolve();
      else found?.reject(unanswered(problem));
    },
    failAll(reason) {
      for (const number of [...waiting.keys()]) take(number)?.reject(unanswered(reason));
    },
  };
}

function unanswered(what: string): PlimsollError {
  return new PlimsollError("WATCH_UNAVAILABLE", `the process that watches: ${what}`, {
    hint: "run plimsoll watch tiers to see what it says",
  });
}
