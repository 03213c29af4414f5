// `plimsoll watch flows NAME`: whom a container talks to, by name.

import type { ExitCode, LeafCommand } from "../command.ts";
import { configOption } from "../configuration/options.ts";

export const watchFlows: LeafCommand = {
  name: "flows",
  summary: "follow whom a container talks to: names, hosts, paths, certificates, bytes",
  description: [
    "A line for each conversation when it ends (with --open also when it is named): direction, peer with the DNS name that the container asked for, what was said in the clear (DNS question, HTTP host and path, TLS server name and certificate), bytes out and in. Signs of an attack in plain requests are marked: JNDI lookups, SQL and shell where a value should be, mining.",
    "Packets are read on the host's end of the container's interfaces. Needs root.",
  ],
  arguments: [{ name: "NAME" }],
  options: {
    for: { kind: "value", value: "TIME", summary: "stop after 30s, 10m, 1h" },
    open: { kind: "flag", summary: "also when something is first known of a conversation" },
    json: { kind: "flag", summary: "one JSON object a line" },
    config: configOption,
  },
  examples: [
    { line: "plimsoll watch flows web", does: "until Ctrl-C" },
    { line: "plimsoll watch flows web --json | jq 'select(.signs != [])'", does: "only what looks like an attack" },
  ],
  run: async (...asked): Promise<ExitCode> => (await import("./run-flows.ts")).runFlows(...asked),
};
