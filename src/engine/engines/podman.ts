// Podman's service (`podman system service`), through its Docker-compatible API.
// Source: podman-system-service(1), "ACCESS" (socket paths); GET /version: Components[].Name "Podman Engine".

import type { EngineKind } from "../engine.ts";
import { componentNames } from "../version-answer.ts";

export const podman: EngineKind = {
  name: "podman",
  summary: "Podman 4.3 and later, its Docker-compatible API",
  needs: { platforms: ["linux"] },
  sockets(environment) {
    const runtimeFolder = environment["XDG_RUNTIME_DIR"];
    return ["/run/podman/podman.sock", ...(runtimeFolder ? [`${runtimeFolder}/podman/podman.sock`] : [])];
  },
  recognizes: (version) => componentNames(version).includes("Podman Engine"),
};
