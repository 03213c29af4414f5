// Docker Engine (moby), as Debian's docker.io and Docker's own packages install it.
// Source: Docker Engine API v1.51, GET /version: Components[].Name "Engine".

import type { EngineKind } from "../engine.ts";
import { componentNames } from "../version-answer.ts";

export const docker: EngineKind = {
  name: "docker",
  summary: "Docker Engine 20.10 and later",
  needs: { platforms: ["linux"] },
  sockets(environment) {
    const runtimeFolder = environment["XDG_RUNTIME_DIR"];
    return ["/run/docker.sock", "/var/run/docker.sock", ...(runtimeFolder ? [`${runtimeFolder}/docker.sock`] : [])];
  },
  recognizes: (version) => componentNames(version).includes("Engine"),
};
