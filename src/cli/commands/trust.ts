// `plimsoll trust ...`: who vouches for what, the rules of others taken over, and containerd asked to ask.

import type { Command } from "../command.ts";
import { trustExport } from "../trust/export.ts";
import { trustPolicy } from "../trust/policy-import.ts";
import { trustRoot } from "../trust/root.ts";
import { trustServe } from "../trust/serve.ts";
import { trustShow } from "../trust/show.ts";
import { trustVerifier } from "../trust/verifier.ts";

export const trust: Command = {
  name: "trust",
  summary: "show who vouches for an image, take over the rules of other tools, answer containerd",
  commands: [trustShow, trustExport, trustPolicy, trustRoot, trustVerifier, trustServe],
};
