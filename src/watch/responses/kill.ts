// Ends the process that did it, and no other.

import { killProcess } from "../../base/native/pidfd.ts";
import type { Response } from "../response.ts";

export const kill: Response = {
  name: "kill",
  summary: "ends the process that did it, at once",
  needs: { root: true, platforms: ["linux"] },
  async act({ alert }) {
    const { pid, startedAt } = alert.event.process;
    return killProcess(pid, startedAt) ? `killed process ${pid}` : `process ${pid} had ended already`;
  },
};
