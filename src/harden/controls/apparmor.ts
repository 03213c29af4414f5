// AppArmor: the container runs under the profile's own name, so that two containers are strangers to each other: docker-default lets
// every process that is under docker-default trace every other. The profile must be loaded (apparmor_parser) on the host.

import type { Control } from "../control.ts";
import { setOption, unchanged } from "../request.ts";

export const apparmor: Control = {
  name: "apparmor",
  summary: "confines by an AppArmor profile",
  needs: { files: ["/sys/kernel/security/apparmor/profiles"] },
  harden(request, { apparmor: wanted, name }) {
    if (wanted === undefined) return unchanged(request);
    return setOption(request, "apparmor", `apparmor=${wanted}`, `under AppArmor profile ${wanted} (profile ${name})`);
  },
};
