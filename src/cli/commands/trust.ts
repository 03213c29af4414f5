// `plimsoll trust ...`: who vouches for what, and the rules of others taken over.

import type { Command } from "../command.ts";
import { trustPolicy } from "../trust/policy-import.ts";
import { trustShow } from "../trust/show.ts";

export const trust: Command = {
  name: "trust",
  summary: "show who vouches for an image, and take over the rules of other tools",
  commands: [trustShow, trustPolicy],
};
