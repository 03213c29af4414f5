// `plimsoll keys list|use`: which keys there are, and which one is signed with.

import { printable } from "../../base/printable.ts";
import type { ExitCode, LeafCommand } from "../command.ts";
import { formatTable } from "../terminal.ts";
import { keyFolder } from "./key-folder.ts";

export const keysList: LeafCommand = {
  name: "list",
  summary: "show the keys, where they are, and which one is signed with",
  options: { public: { kind: "flag", summary: "print their public halves, for trust files" } },
  async run(context, input): Promise<ExitCode> {
    const keys = keyFolder(context).list();
    if (input.flag("public")) {
      for (const { name, publicKey } of keys) context.stdout.write(`# ${name}\n${publicKey}`);
      return 0;
    }
    if (keys.length === 0) context.stderr.write("plimsoll: no keys yet; make one with plimsoll keys create NAME\n");
    const rows = keys.map(({ name, uri, keyId, isDefault }) => [
      isDefault ? "*" : " ",
      context.stdout.style("bold", name),
      keyId.slice(0, 16),
      printable(uri),
    ]);
    context.stdout.write(formatTable(rows));
    return 0;
  },
};

export const keysUse: LeafCommand = {
  name: "use",
  summary: "choose the key that is signed with",
  arguments: [{ name: "NAME" }],
  async run(context, input): Promise<ExitCode> {
    keyFolder(context).use(input.positionals[0] ?? "");
    return 0;
  },
};
