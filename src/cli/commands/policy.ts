// `plimsoll policy ...`: look at policies, check and test them, and see what a change would do before it serves.

import type { Command } from "../command.ts";
import { policyCheck } from "../policy/check.ts";
import { policyExplain } from "../policy/explain.ts";
import { policyReplay } from "../policy/replay.ts";
import { policyShow } from "../policy/show.ts";
import { policyTest } from "../policy/test.ts";

export const policy: Command = {
  name: "policy",
  summary: "check, test, explain, replay and show policies",
  commands: [policyCheck, policyTest, policyExplain, policyReplay, policyShow],
};
