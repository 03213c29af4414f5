// `plimsoll watch ...`: what containers do, as it happens.

import type { Command } from "../command.ts";
import { watchCapture } from "../watch/capture.ts";
import { watchFlows } from "../watch/flows.ts";
import { watchPorts } from "../watch/ports.ts";
import { watchRules } from "../watch/rules.ts";
import { watchStream } from "../watch/stream.ts";
import { watchTiers } from "../watch/tiers.ts";
import { watchTop } from "../watch/top.ts";

export const watch: Command = {
  name: "watch",
  summary: "follow what containers do, and say what this host can stop",
  usual: "stream",
  commands: [watchStream, watchTop, watchTiers, watchFlows, watchPorts, watchCapture, watchRules],
};
