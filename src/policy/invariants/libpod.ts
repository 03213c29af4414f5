// Podman's own API creates containers from another document, which this version does not read.

import type { Invariant } from "../invariant.ts";

export const libpod: Invariant = {
  name: "libpod",
  summary: "Podman's own API",
  grants: ["engine.libpod"],
  applies: ({ action }) => action === "system.libpod",
  check: () => ({ reason: "Podman's own API is not checked by this gate", remedy: "use the Docker API of Podman" }),
};
