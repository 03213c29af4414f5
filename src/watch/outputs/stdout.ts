// Alerts as lines of JSON, in the names of the Elastic Common Schema.

import { printableJson } from "../../base/printable.ts";
import { toEcs } from "../alerts/ecs.ts";
import type { Output } from "../output.ts";

export const stdout: Output = {
  name: "stdout",
  summary: "lines of JSON on standard output (Elastic Common Schema)",
  needs: {},
  open: (_settings, tools) => ({
    tell: (alert) => tools.write(`${printableJson(JSON.stringify(toEcs(alert)))}\n`),
    lost: () => 0,
    close: async () => undefined,
  }),
};
