// An engine plugin runs as root with the mounts it asks for; a list of plugins shows their settings, secrets included.

import type { Invariant } from "../invariant.ts";

export const plugins: Invariant = {
  name: "plugins",
  summary: "engine plugins",
  grants: ["engine.plugins"],
  applies: ({ action }) => action.startsWith("plugin."),
  check: () => ({ reason: "engine plugins run as root on the host", remedy: "" }),
};
