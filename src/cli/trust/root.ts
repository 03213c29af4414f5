// `plimsoll trust root update NAME`: the trusted root of keyless signatures, from the TUF repository that keeps it current.

import type { LeafCommand } from "../command.ts";
import { configOption } from "../configuration/options.ts";

export const trustRoot: LeafCommand = {
  name: "root",
  summary: "fetch the trusted root of keyless signatures, and later its changes (TUF)",
  description: [
    "A repository is followed under a name. The first time its first root is given, from somebody whom you believe; from then on every change has to be signed by those whom the root before named, and nothing is ever set back or accepted after its end.",
    "--from reads a copy of the repository that was carried here, for hosts without a network. The trusted root is written only when all of it holds; plimsoll reload makes the gate read it.",
  ],
  arguments: [{ name: "ACTION", choices: ["update"] }, { name: "NAME" }],
  options: {
    repository: { kind: "value", value: "URL", summary: "address of the TUF repository" },
    from: { kind: "value", value: "FOLDER", summary: "a copy of the repository, instead of its address" },
    root: { kind: "value", value: "FILE", summary: "its first root, the first time" },
    output: {
      kind: "value",
      short: "o",
      value: "FILE",
      summary: "write it there (default: roots/NAME.json beside the configuration)",
    },
    config: configOption,
  },
  examples: [
    {
      line: "plimsoll trust root update sigstore --repository https://tuf.example --root root.json",
      does: "the first time",
    },
    { line: "plimsoll trust root update sigstore --from /media/usb/tuf", does: "on a host without a network" },
  ],
  run: async (...asked) => (await import("./run-root.ts")).runRoot(...asked),
};
