// A registry on a private address makes the engine a client inside the host's network, and a way out for images.

import { factFlag, factText, type Invariant, listed } from "../invariant.ts";

export const privateRegistry: Invariant = {
  name: "private-registry",
  summary: "registries on loopback, link-local and private addresses",
  grants: ["registry.private"],
  applies: ({ action }) => action.startsWith("image.") || action === "system.auth" || action === "container.commit",
  check(question) {
    if (!factFlag(question, "registryIsPrivate")) return undefined;
    const registry = listed([factText(question, "registry")]);
    return {
      reason: `the registry ${registry} is on a private address`,
      remedy: "use a registry with a public address",
    };
  },
};
