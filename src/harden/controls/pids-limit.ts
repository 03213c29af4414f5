// At most so many processes and threads: a fork bomb ends in its own container. 0 and -1 mean no limit to the engine.

import { integerAt } from "../../base/reading.ts";
import type { Control } from "../control.ts";
import { hostConfigOf, unchanged, withHostConfig } from "../request.ts";

export const pidsLimit: Control = {
  name: "pids-limit",
  summary: "limits the number of processes",
  needs: {},
  harden(request, { pidsLimit: most, name }) {
    if (most === undefined) return unchanged(request);
    const asked = integerAt(hostConfigOf(request), "PidsLimit");
    if (asked > 0 && asked <= most) return unchanged(request);
    return {
      request: withHostConfig(request, { PidsLimit: most }),
      changes: [`at most ${most} processes (profile ${name})`],
    };
  },
};
