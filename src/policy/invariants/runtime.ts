// Since Docker 23 any containerd shim on the host can be named as runtime.

import { factText, type Invariant, listed } from "../invariant.ts";

export const runtime: Invariant = {
  name: "runtime",
  summary: "a runtime other than the engine's default",
  grants: ["container.runtime"],
  applies: ({ action }) => action === "container.create" || action === "container.update",
  check(question) {
    const name = factText(question, "runtime");
    if (name === "" || name === factText(question, "profileRuntime")) return undefined;
    return { reason: `the runtime ${listed([name])} is not the engine's default`, remedy: "remove --runtime" };
  },
};
