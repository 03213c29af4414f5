// Who holds the engine's socket or state is root on the host, and past this gate.

import { factFlag, type Invariant } from "../invariant.ts";

export const engineSocket: Invariant = {
  name: "engine-socket",
  summary: "binds of the engine's or Plimsoll's own socket and state",
  grants: ["container.engine-socket"],
  applies: ({ action }) => action === "container.create" || action === "container.update" || action === "volume.create",
  check(question) {
    if (!factFlag(question, "bindsEngine")) return undefined;
    return {
      reason: "a bind reaches the socket or state of the engine or of Plimsoll, which is root on the host",
      remedy: "remove that bind",
    };
  },
};
