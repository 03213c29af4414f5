// `plimsoll incident thaw ID`: lets a container go on that was frozen or put into quarantine.

import { errorText, PlimsollError } from "../../base/errors.ts";
import { createContainerIndex } from "../../watch/containers/container-index.ts";
import { findHierarchy } from "../../watch/containers/hierarchy.ts";
import { thawContainer } from "../../watch/freezer.ts";
import type { CommandContext, CommandInput, ExitCode, LeafCommand } from "../command.ts";

const shortestId = 6;

export const incidentThaw: LeafCommand = {
  name: "thaw",
  summary: "let a container go on that was frozen or put into quarantine",
  description: ["Networks that it was taken off stay off: docker network connect gives them back."],
  arguments: [{ name: "CONTAINER" }],
  examples: [{ line: "plimsoll incident thaw 4f2a91c07d3e", does: "by the begin of its id" }],
  run: runThaw,
};

function runThaw({ stdout }: CommandContext, input: CommandInput): ExitCode {
  const [id = ""] = input.positionals;
  const places = createContainerIndex(findHierarchy(undefined))
    .readTree()
    .map(({ place }) => place)
    .filter((place) => id.length >= shortestId && place.id.startsWith(id));
  const [place] = places;
  if (place === undefined || new Set(places.map((each) => each.id)).size > 1) {
    throw new PlimsollError(
      "NOT_FOUND",
      `${JSON.stringify(id.slice(0, 70))}: no container, or several, run under this id`,
      {
        hint: `write at least ${shortestId} characters of its id, as plimsoll incident show has it`,
      },
    );
  }
  try {
    thawContainer(place);
  } catch (cause) {
    throw new PlimsollError("PERMISSION_NEEDED", `${place.id}: ${errorText(cause)}`, { hint: "run it as root", cause });
  }
  stdout.write(`${place.id}: goes on\n`);
  return 0;
}
