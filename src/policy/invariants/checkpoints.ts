// A checkpoint makes the engine write and read a folder of the host that the caller names.

import type { Invariant } from "../invariant.ts";

export const checkpoints: Invariant = {
  name: "checkpoints",
  summary: "checkpoints of containers",
  grants: ["engine.checkpoints"],
  applies: ({ action }) => action === "container.checkpoint",
  check: () => ({ reason: "checkpoints read and write folders of the host", remedy: "" }),
};
