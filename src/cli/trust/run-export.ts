// What `plimsoll trust export` does: asks the registry what anybody would ask who judges the image, and writes down the answers.

import { writeFileSync } from "node:fs";
import { type CarriedImage, carriedFile, recordArtifacts, writeCarried } from "../../admission/trust/carried.ts";
import { lookUpStatements } from "../../admission/trust/look-up-statements.ts";
import { resolveSubject } from "../../admission/trust/resolve-subject.ts";
import { PlimsollError } from "../../base/errors.ts";
import { formatReference, parseReference, withDefaultTag } from "../../base/reference.ts";
import { thisPlatform } from "../../image/documents/platform.ts";
import { openArtifacts } from "../../image/registry/artifacts.ts";
import type { SourceSettings } from "../../image/source.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { registrySettings } from "./trust-room.ts";

export async function runExport(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const settings = registrySettings(context, input);
  const images: CarriedImage[] = [];
  for (const name of input.positionals) images.push(await record(name, settings));
  const file = input.text("output") ?? carriedFile;
  writeFileSync(file, writeCarried(images), { mode: 0o644 });
  context.stderr.write(`plimsoll: ${file}: signatures of ${images.map(({ name }) => name).join(", ")}\n`);
  return 0;
}

/** Who signed matters where it is judged; that somebody did is seen here. */
async function record(name: string, settings: SourceSettings): Promise<CarriedImage> {
  const reference = withDefaultTag(parseReference(name));
  const platform = settings.platform ?? thisPlatform();
  const recorder = recordArtifacts(reference, openArtifacts(reference, settings));
  const { subject } = await resolveSubject(reference, recorder.store, platform);
  const nothing = { keys: [], roots: [], timestampRoots: [], sigstoreRoots: [], openPgpKeys: [] };
  const { rejected, unreachable } = await lookUpStatements(subject, recorder.store, nothing, Date.now());
  if (unreachable === "" && rejected.length > 0) return recorder.recorded(platform);
  const why = unreachable === "" ? "nobody signed it" : `not all could be looked up: ${unreachable}`;
  throw new PlimsollError("NOT_FOUND", `${formatReference(reference)}: ${why}`, {
    hint: "sign it first: plimsoll sign",
  });
}
