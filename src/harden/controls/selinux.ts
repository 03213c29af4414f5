// SELinux: type and level of the container's processes. Source: moby, daemon/daemon_unix.go; selinux(8), label.InitLabels.

import type { Control } from "../control.ts";
import { optionsOf, replaceOptions, unchanged } from "../request.ts";

export const selinux: Control = {
  name: "selinux",
  summary: "labels processes with a type and a level",
  needs: { files: ["/sys/fs/selinux/enforce"] },
  harden(request, { selinux: wanted, name }) {
    if (wanted === undefined) return unchanged(request);
    const options = [
      ...(wanted.type === undefined ? [] : [`label=type:${wanted.type}`]),
      ...(wanted.level === undefined ? [] : [`label=level:${wanted.level}`]),
    ];
    const isThere = JSON.stringify(optionsOf(request, "label")) === JSON.stringify(options);
    return {
      request: replaceOptions(request, "label", options),
      changes: isThere
        ? []
        : [`labelled ${options.map((option) => option.slice("label=".length)).join(", ")} (profile ${name})`],
      securityOptions: options,
    };
  },
};
