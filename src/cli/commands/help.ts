// `plimsoll help COMMAND`: the page of a command.

import { PlimsollError } from "../../base/errors.ts";
import { nearest } from "../../base/nearest.ts";
import type { Command } from "../command.ts";
import { commandPage, overview } from "../help.ts";

export const help: Command = {
  name: "help",
  summary: "explain a command, with examples",
  arguments: [{ name: "COMMAND", isOptional: true, isRepeated: true }],
  examples: [
    { line: "plimsoll help up", does: "what `up` does and which options it has" },
    { line: "plimsoll help completion", does: "how to switch on completion in your shell" },
  ],
  run({ stdout, commands }, input) {
    const path = input.positionals.join(" ");
    const page = path === "" ? overview(commands, stdout) : commandPage(path, commands, stdout);
    if (page === undefined) throw noSuchPage(path, commands);
    stdout.write(page);
    return 0;
  },
};

function noSuchPage(path: string, commands: readonly Command[]): PlimsollError {
  const near = nearest(
    path.split(" ")[0] ?? "",
    commands.map((command) => command.name),
  );
  return new PlimsollError("USAGE", `no command "${path}"`, {
    hint: near === undefined ? "run plimsoll help for the list of commands" : `did you mean "plimsoll help ${near}"?`,
  });
}
