// A user that is not root, for containers that would run as root. Who asks for another user than root keeps it.

import { textAt } from "../../base/reading.ts";
import { isRootUser } from "../../base/root-user.ts";
import type { Control } from "../control.ts";
import { unchanged } from "../request.ts";

export const user: Control = {
  name: "user",
  summary: "runs as another user than root",
  needs: {},
  harden(request, profile, image) {
    if (profile.user === undefined) return unchanged(request);
    const asked = textAt(request, "User") || image.user;
    if (!isRootUser(asked)) return unchanged(request);
    return {
      request: { ...request, User: profile.user },
      changes: [`runs as ${profile.user}, not as root (profile ${profile.name})`],
    };
  },
};
