// No new privileges: setuid files and file capabilities give nothing. Source: Documentation/userspace-api/no_new_privs.rst.

import type { Control } from "../control.ts";
import { setOption, unchanged } from "../request.ts";

export const noNewPrivileges: Control = {
  name: "no-new-privileges",
  summary: "setuid programs gain nothing",
  needs: {},
  harden(request, profile) {
    if (profile.noNewPrivileges === undefined) return unchanged(request);
    const change = `setuid programs gain nothing (profile ${profile.name})`;
    return setOption(request, "no-new-privileges", "no-new-privileges", change);
  },
};
