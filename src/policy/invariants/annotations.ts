// Annotations reach the OCI runtime, which takes orders from some of them (org.systemd.property.*, keys of crun and kata).

import { factSet, type Invariant, listed } from "../invariant.ts";

export const annotations: Invariant = {
  name: "annotations",
  summary: "annotations for the runtime",
  grants: ["container.annotations"],
  applies: ({ action }) => action === "container.create" || action === "container.update",
  check(question) {
    const names = factSet(question, "annotations");
    if (names.length === 0) return undefined;
    return { reason: `annotations give orders to the runtime: ${listed(names)}`, remedy: "remove --annotation" };
  },
};
