// Seccomp: the profile's filter stands in the place of whatever the caller asked for.
// Source: moby, daemon/daemon_unix.go (parseSecurityOpt): the API takes the profile itself, not a file.

import { stringifyJson } from "../../base/json.ts";
import type { Control } from "../control.ts";
import { setOption, unchanged } from "../request.ts";

export const seccomp: Control = {
  name: "seccomp",
  summary: "filters system calls by the profile",
  needs: {},
  harden(request, { seccomp: filter, name }) {
    if (filter === undefined) return unchanged(request);
    return setOption(request, "seccomp", `seccomp=${stringifyJson(filter)}`, `system calls filtered (profile ${name})`);
  },
};
