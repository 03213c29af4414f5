// `plimsoll policy show`: the text of a set, also of the one that a socket proxy's variables stand for.

import { socketProxyPolicies } from "../../policy/compatibility/socket-proxy.ts";
import { policyFiles, shippedSets } from "../../policy/policy-files.ts";
import type { ExitCode, LeafCommand } from "../command.ts";
import { socketProxyVariables, unreadProxyVariables } from "../configuration/socket-proxy.ts";
import { tellUnread } from "../up/socket-proxy.ts";

const proxySet = "socket-proxy";

export const policyShow: LeafCommand = {
  name: "show",
  summary: "print a policy set",
  description: [
    `A SET is ${Object.keys(shippedSets).join(", ")}, a .cedar file or a folder of them, or ${proxySet}: what the environment's socket proxy variables (CONTAINERS=1, POST=0) stand for.`,
  ],
  arguments: [{ name: "SET", isOptional: true }],
  options: {
    dialect: {
      kind: "value",
      value: "PROXY",
      summary: "which proxy's reading of ALLOW_START without POST",
      choices: ["tecnativa", "linuxserver"],
    },
  },
  examples: [
    { line: "plimsoll policy show baseline", does: "the rules that hold by default" },
    { line: "CONTAINERS=1 POST=0 plimsoll policy show socket-proxy", does: "a socket proxy's settings as policies" },
  ],
  async run({ stdout, stderr, environment }, input): Promise<ExitCode> {
    const set = input.positionals[0] ?? "baseline";
    if (set === proxySet) {
      const dialect = input.text("dialect") === "linuxserver" ? "linuxserver" : "tecnativa";
      const unread = unreadProxyVariables(environment);
      if (unread.length > 0) stderr.write(`${tellUnread(unread)}\n`);
      stdout.write(socketProxyPolicies(socketProxyVariables(environment), dialect).text);
      return 0;
    }
    const sources = await policyFiles([set]).read();
    stdout.write(sources.map(({ text }) => text).join("\n"));
    return 0;
  },
};
