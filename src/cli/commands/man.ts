// `plimsoll man`: the manual page, made from the command table.

import type { Command } from "../command.ts";
import { manualPage } from "../manual-page.ts";

export const man: Command = {
  name: "man",
  summary: "print the manual page",
  examples: [
    { line: "plimsoll man > /usr/local/share/man/man1/plimsoll.1", does: "install it" },
    { line: "plimsoll man | man -l -", does: "read it now" },
  ],
  run({ stdout, commands, version }) {
    stdout.write(manualPage(commands, version));
    return 0;
  },
};
