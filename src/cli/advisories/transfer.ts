// `plimsoll advisories export|import`: the database from a machine with a network to one without.

import { resolve } from "node:path";
import type { ExitCode, LeafCommand } from "../command.ts";
import { advisoryFolder, folderOptions } from "./options.ts";

export const advisoriesExport: LeafCommand = {
  name: "export",
  summary: "write the database as one signed file for other machines",
  arguments: [{ name: "FILE" }],
  options: folderOptions,
  examples: [
    { line: "plimsoll advisories export /media/stick/advisories.db", does: "and note the key that it prints" },
  ],
  async run(context, input): Promise<ExitCode> {
    const { exportDatabase } = await import("../../findings/update/transfer.ts");
    const { signedBy, digest } = exportDatabase(advisoryFolder(context, input), resolve(input.positionals[0] ?? ""));
    context.stdout.write(`sha256:${digest}\n`);
    context.stderr.write(`on the other machine: plimsoll advisories import FILE --key ${signedBy}\n`);
    return 0;
  },
};

export const advisoriesImport: LeafCommand = {
  name: "import",
  summary: "take over a database that another machine exported",
  description: [
    "The file is believed for its signature: by a key that is trusted here already, or by the one that --key names, which is trusted from then on.",
  ],
  arguments: [{ name: "FILE" }],
  options: {
    key: { kind: "value", value: "KEY", summary: "public key of the machine that built it, as export printed it" },
    older: { kind: "flag", summary: "take it although it is older than the one that is here" },
    ...folderOptions,
  },
  examples: [{ line: "plimsoll advisories import /media/stick/advisories.db --key KEY", does: "the first time" }],
  async run(context, input): Promise<ExitCode> {
    const { importDatabase } = await import("../../findings/update/transfer.ts");
    const status = importDatabase({
      folder: advisoryFolder(context, input),
      source: resolve(input.positionals[0] ?? ""),
      key: input.text("key") ?? "",
      allowOlder: input.flag("older"),
      now: new Date(),
    });
    context.stdout.write(`sha256:${status.digest}, built ${status.builtAt}\n`);
    return 0;
  },
};
