// `plimsoll version`: which Plimsoll and which Node this is.

import type { Command } from "../command.ts";

export const version: Command = {
  name: "version",
  summary: "show which version this is",
  options: { json: { kind: "flag", summary: "as JSON" } },
  examples: [{ line: "plimsoll version --json", does: "versions for a script" }],
  run({ stdout, version }, input) {
    const node = process.versions.node;
    stdout.write(
      input.flag("json")
        ? `${JSON.stringify({ plimsoll: version, node, platform: process.platform, arch: process.arch })}\n`
        : `plimsoll ${version} (Node ${node}, ${process.platform} ${process.arch})\n`,
    );
    return 0;
  },
};
