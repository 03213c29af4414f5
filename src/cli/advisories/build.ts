// `plimsoll advisories build`: a new database from the files that are here, without any network.

import { printable } from "../../base/printable.ts";
import type { ExitCode, LeafCommand } from "../command.ts";
import { advisoryFolder, folderOptions } from "./options.ts";

export const advisoriesBuild: LeafCommand = {
  name: "build",
  summary: "build the database again from the files that were downloaded",
  description: ["Exits with 1 when some of the files could not be read."],
  options: folderOptions,
  examples: [{ line: "plimsoll advisories build", does: "after an upgrade of plimsoll, without the network" }],
  async run(context, input): Promise<ExitCode> {
    const { buildAdvisories } = await import("../../findings/update/build-advisories.ts");
    const result = await buildAdvisories({
      folder: advisoryFolder(context, input),
      now: () => new Date(),
      progress: ({ kind, feed, file, what }) => {
        if (kind === "problem" || kind === "failed")
          context.stderr.write(`plimsoll: ${printable(`${feed} ${file}: ${what}`, 500)}\n`);
      },
    });
    const advisories = result.manifest.feeds.reduce((sum, feed) => sum + feed.advisories, 0);
    context.stdout.write(`${advisories} advisories of ${result.manifest.feeds.length} feeds\n`);
    return result.failures.length === 0 ? 0 : 1;
  },
};
