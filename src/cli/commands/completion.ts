// `plimsoll completion SHELL`: a script that completes commands and options, made from the command table.

import { never } from "../../base/errors.ts";
import type { Command } from "../command.ts";
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { completionWords } from "../completion/words.ts";
import { zshCompletion } from "../completion/zsh.ts";

const shells = ["bash", "zsh", "fish"] as const;

export const completion: Command = {
  name: "completion",
  summary: "print a completion script for bash, zsh or fish",
  arguments: [{ name: "SHELL", choices: shells }],
  examples: [
    {
      line: "plimsoll completion bash > /etc/bash_completion.d/plimsoll",
      does: "bash, for everybody on this host",
    },
    { line: 'plimsoll completion zsh > "$' + '{fpath[1]}/_plimsoll"', does: "zsh" },
    { line: "plimsoll completion fish > ~/.config/fish/completions/plimsoll.fish", does: "fish" },
  ],
  run({ stdout, commands }, input) {
    const words = completionWords(commands);
    const shell = shells.find((each) => each === input.positionals[0]) ?? "bash";
    switch (shell) {
      case "bash":
        stdout.write(bashCompletion(words));
        return 0;
      case "zsh":
        stdout.write(zshCompletion(words));
        return 0;
      case "fish":
        stdout.write(fishCompletion(words));
        return 0;
      default:
        return never(shell);
    }
  },
};
