// How many messages were lost: each processor numbers its own, one after the other.

import type { ProcessMessage } from "./decode-message.ts";

export interface LostCount {
  /** @returns true when some are missing before this one */
  see(message: Pick<ProcessMessage, "processor" | "sequence">): boolean;
  malformed(): void;
  /** @param dropped as the kernel counts them */
  lost(dropped: number): number;
}

const twoTo32 = 2 ** 32;

export function createLostCount(): LostCount {
  const last = new Map<number, number>();
  let missing = 0;
  let malformed = 0;
  return {
    see({ processor, sequence }) {
      const before = last.get(processor);
      last.set(processor, sequence);
      const gap = before === undefined ? 0 : (sequence - before - 1 + twoTo32) % twoTo32;
      // A number that is lower is no gap: the kernel began to count anew.
      const isGap = gap > 0 && gap < twoTo32 / 2;
      if (isGap) missing += gap;
      return isGap;
    },
    malformed: () => void malformed++,
    // A gap shows with the next message of its processor; before the first one none can be seen.
    lost: (dropped) => Math.max(missing, dropped) + malformed,
  };
}
