// The engine answers /debug without being asked to debug: its command line, its goroutines, profiles that cost a core.

import type { Invariant } from "../invariant.ts";

export const debug: Invariant = {
  name: "debug",
  summary: "the engine's debug routes",
  grants: ["engine.debug"],
  applies: ({ action }) => action === "system.debug",
  check: () => ({ reason: "debug routes show the engine's memory and can stall it", remedy: "" }),
};
