// `plimsoll verify IMAGE`: whether those signed it who have to.

import type { Command } from "../command.ts";
import { judgingOptions } from "../trust/options.ts";

export const verify: Command = {
  name: "verify",
  summary: "say whether those signed an image who have to, by the trust file",
  description: [
    "Prints the pinned name (repository@digest) of what was judged. Exits with 0 when it is trusted, or when the trust file asks for no signature; with 1 when it is unsigned, untrusted, revoked or out of date; with 3 when that cannot be told.",
  ],
  arguments: [{ name: "IMAGE" }],
  options: judgingOptions,
  examples: [
    { line: "plimsoll verify registry.example/team/app:1.4", does: "by the trust file of this host" },
    { line: "plimsoll verify registry.example/team/app:1.4 --key release.pub", does: "by one key" },
    {
      line: "plimsoll verify ./app.tar",
      does: "the image in an archive or layout, by the signatures that came with it",
    },
  ],
  run: async (...asked) => (await import("../trust/run-verify.ts")).runVerify(...asked),
};
