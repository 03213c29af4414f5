// Stays in the engine's user namespace: `--userns=host` would make root in the container root on the host again.
// Docker has one mapping for the whole engine (userns-remap); Podman takes a mapping for each container (`auto`).

import { textAt } from "../../base/reading.ts";
import type { Control } from "../control.ts";
import { hostConfigOf, unchanged, withHostConfig } from "../request.ts";

export const userNamespace: Control = {
  name: "user-namespace",
  summary: "root in the container is not root on the host, where the engine maps users",
  needs: {},
  harden(request, profile) {
    if (profile.userNamespace === undefined) return unchanged(request);
    if (textAt(hostConfigOf(request), "UsernsMode") === "") return unchanged(request);
    return {
      request: withHostConfig(request, { UsernsMode: "" }),
      changes: [`stays in the engine's user namespace (profile ${profile.name})`],
    };
  },
};
