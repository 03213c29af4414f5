// At most so much memory, swap included: a leak or a bomb ends in its own container. Source: Engine API, Resources: Memory 0 is no
// limit; MemorySwap 0 is twice Memory, -1 no limit.

import { integerAt } from "../../base/reading.ts";
import type { Control } from "../control.ts";
import { hostConfigOf, unchanged, withHostConfig } from "../request.ts";

export const memoryLimit: Control = {
  name: "memory-limit",
  summary: "limits memory and swap together",
  needs: {},
  harden(request, { memory: most, name }) {
    if (most === undefined) return unchanged(request);
    const host = hostConfigOf(request);
    const memory = integerAt(host, "Memory");
    const swap = integerAt(host, "MemorySwap");
    const isMemoryLow = memory > 0 && memory <= most;
    const isSwapLow = swap > 0 && swap <= most;
    if (isMemoryLow && isSwapLow) return unchanged(request);
    const limit = isMemoryLow ? memory : most;
    return {
      request: withHostConfig(request, {
        Memory: limit,
        MemorySwap: isSwapLow ? swap : most,
        // The engine refuses a soft limit above the hard one.
        ...(integerAt(host, "MemoryReservation") > limit ? { MemoryReservation: limit } : {}),
      }),
      changes: [`at most ${Math.round(most / 2 ** 20)} MiB of memory (profile ${name})`],
    };
  },
};
