// A cgroup parent takes the container out of the engine's own tree and its limits; with dot segments to anywhere.

import { factText, type Invariant, listed } from "../invariant.ts";

export const cgroupParent: Invariant = {
  name: "cgroup-parent",
  summary: "a cgroup parent that the caller chooses",
  grants: ["container.cgroup-parent"],
  applies: ({ action }) => action === "container.create" || action === "container.update",
  check(question) {
    const parent = factText(question, "cgroupParent");
    if (parent === "") return undefined;
    return {
      reason: `the cgroup parent ${listed([parent])} is outside the engine's limits`,
      remedy: "remove --cgroup-parent",
    };
  },
};
