// `plimsoll watch ports NAME`: what a container really listens on, against what its image says.

import { comparePorts, readOpenPorts } from "../../watch/network/open-ports.ts";
import type { CommandContext, CommandInput, ExitCode, LeafCommand } from "../command.ts";
import { configOption } from "../configuration/options.ts";
import { formatTable } from "../terminal.ts";
import { findContainer } from "./find-container.ts";

export const watchPorts: LeafCommand = {
  name: "ports",
  summary: "compare the ports that a container listens on with those that its image declares",
  description: [
    "Ports that only the container itself can reach (127.0.0.1) are left out. Exit code 1 when one is open that no EXPOSE line declares.",
  ],
  arguments: [{ name: "NAME" }],
  options: { json: { kind: "flag", summary: "as JSON" }, config: configOption },
  examples: [{ line: "plimsoll watch ports web", does: "open and declared ports" }],
  run: runPorts,
};

async function runPorts(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const { stdout } = context;
  const [name = ""] = input.positionals;
  const container = await findContainer(context, input, name);
  const found = comparePorts(readOpenPorts(container.pid), container.declaredPorts);
  const isAsDeclared = found.open.every(({ isDeclared }) => isDeclared);
  if (input.flag("json")) {
    stdout.write(`${JSON.stringify({ container: container.id, ...found })}\n`);
    return isAsDeclared ? 0 : 1;
  }
  const rows = [
    ...found.open.map(({ port, protocol, address, isDeclared }) => [
      `${port}/${protocol}`,
      address,
      isDeclared ? stdout.style("green", "declared") : stdout.style("red", "open, and not declared"),
    ]),
    ...found.unused.map((port) => [port, "-", stdout.style("dim", "declared, nobody listens")]),
  ];
  const head = ["PORT", "ADDRESS", "IMAGE SAYS"].map((word) => stdout.style("dim", word));
  stdout.write(rows.length === 0 ? "no port is open, and none is declared\n" : formatTable([head, ...rows]));
  return isAsDeclared ? 0 : 1;
}
