// `plimsoll watch capture NAME -o FILE`: packets of one container, for Wireshark.

import type { ExitCode, LeafCommand } from "../command.ts";
import { configOption } from "../configuration/options.ts";

export const watchCapture: LeafCommand = {
  name: "capture",
  summary: "write the packets of one container into a file for Wireshark",
  description: [
    "Packets are read on the host's end of the container's network interfaces; the container is not entered and cannot tell. Needs root. A container on the host's network has no packets of its own.",
    "The file is in the format pcapng and may be read by its owner only: packets hold passwords. It ends at --max-size, after --for, or with Ctrl-C; packets that the kernel had no room for are told.",
  ],
  arguments: [{ name: "NAME" }],
  options: {
    output: {
      kind: "value",
      short: "o",
      value: "FILE",
      summary: "the file, which must not exist yet; - is standard output",
    },
    for: { kind: "value", value: "TIME", summary: "stop after 30s, 10m, 1h" },
    "max-size": { kind: "value", value: "MIB", summary: "stop before the file has more mebibytes (default 1024)" },
    snap: { kind: "value", value: "BYTES", summary: "keep only the first bytes of each packet" },
    config: configOption,
  },
  examples: [
    { line: "plimsoll watch capture web -o web.pcapng --for 1m", does: "one minute, then wireshark web.pcapng" },
    { line: "plimsoll watch capture web -o - | tcpdump -r -", does: "look at them as they come" },
  ],
  run: async (...asked): Promise<ExitCode> => (await import("./run-capture.ts")).runCapture(...asked),
};
