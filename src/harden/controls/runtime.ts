// The OCI runtime that the image has to run under. What a runtime hides from the watch is told, because nobody else tells it.

import { textAt } from "../../base/reading.ts";
import type { Control } from "../control.ts";
import { hostConfigOf, unchanged, withHostConfig } from "../request.ts";
import { runtimeKind } from "../runtime-kind.ts";

export const runtime: Control = {
  name: "runtime",
  summary: "chooses the OCI runtime: runc, crun, runsc, kata, youki",
  needs: {},
  harden(request, { runtime: wanted, name }) {
    if (wanted === undefined) return unchanged(request);
    if (textAt(hostConfigOf(request), "Runtime") === wanted) return unchanged(request);
    const { blind } = runtimeKind(wanted);
    const told = blind === "" ? "" : `; ${blind}`;
    return {
      request: withHostConfig(request, { Runtime: wanted }),
      changes: [`runs under ${wanted} (profile ${name})${told}`],
    };
  },
};
