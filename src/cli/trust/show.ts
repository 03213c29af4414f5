// `plimsoll trust show IMAGE`: a picture of an image and of all who vouch for its parts.

import type { LeafCommand } from "../command.ts";
import { judgingOptions } from "./options.ts";

export const trustShow: LeafCommand = {
  name: "show",
  summary: "draw an image, its platforms, and who signed and attested what of it",
  arguments: [{ name: "IMAGE" }],
  options: {
    findings: { kind: "flag", summary: "also read the image for this platform, and say what a scan finds in it" },
    ...judgingOptions,
  },
  examples: [
    { line: "plimsoll trust show registry.example/team/app:1.4", does: "by the trust file of this host" },
    { line: "plimsoll trust show registry.example/team/app:1.4 --findings", does: "with what is in it" },
    { line: "plimsoll trust show ./app.tar", does: "of an archive or layout, by the signatures that came with it" },
  ],
  run: async (...asked) => (await import("./run-show.ts")).runShow(...asked),
};
