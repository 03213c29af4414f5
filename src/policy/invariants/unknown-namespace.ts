// A namespace mode that this version does not know may be the host's under a new name.

import { factText, type Invariant, listed } from "../invariant.ts";

const own = ["private", "host"];
const known: Readonly<Record<string, readonly string[]>> = {
  pidMode: ["private", "host", "container"],
  ipcMode: ["private", "none", "shareable", "host", "container"],
  networkMode: ["default", "none", "host", "container", "named"],
  utsMode: own,
  cgroupnsMode: own,
  usernsMode: own,
};

export const unknownNamespace: Invariant = {
  name: "unknown-namespace",
  summary: "namespace modes that Plimsoll does not know",
  grants: ["container.host-namespaces"],
  applies: ({ action }) => action === "container.create" || action === "container.update",
  check(question) {
    const strange = Object.entries(known)
      .filter(([fact, modes]) => !modes.includes(factText(question, fact)))
      .map(([fact]) => fact);
    if (strange.length === 0) return undefined;
    return {
      reason: `the call sets a namespace mode that Plimsoll does not know: ${listed(strange)}`,
      remedy: "use a mode that the Docker documentation lists",
    };
  },
};
