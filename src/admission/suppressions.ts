// Files of ignore rules and VEX statements -> what of a scan's findings still counts.

import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { errorText, limitExceeded, PlimsollError } from "../base/errors.ts";
import { readReference, repositoryOf } from "../base/reference.ts";
import { readIgnoreRules } from "../findings/suppression/ignore-rules.ts";
import { suppress } from "../findings/suppression/suppress.ts";
import type { ImageIdentity } from "../findings/suppression/vex-scope.ts";
import { readVex } from "../findings/vex/read-vex.ts";
import type { ImageDescription } from "../model/image.ts";
import type { ScanRoom } from "./scan-room.ts";

export type SuppressionFiles = { readonly ignoreFiles: readonly string[]; readonly vexFiles: readonly string[] };

const maxBytes = 64 * 1024 * 1024;

/** @throws PlimsollError CONFIG_INVALID for a file that is not there; whatever a mistake in one is: then none of it counts */
export function loadSuppressions(
  { ignoreFiles, vexFiles }: SuppressionFiles,
  nowMs: () => number,
): ScanRoom["suppress"] {
  const ignoreRules = ignoreFiles.flatMap((file) => readIgnoreRules(readBytes(file).toString("utf8"), basename(file)));
  const statements = vexFiles.flatMap((file) => readVex(readBytes(file), basename(file)));
  return (findings, { image, inventory }) =>
    suppress(findings, { inventory, image: identityOf(image), statements, ignoreRules, now: new Date(nowMs()) });
}

/** A name counts only where a registry has just vouched for it: an archive may claim any. */
function identityOf({ source, names, indexDigest, manifestDigest, configDigest }: ImageDescription): ImageIdentity {
  const references = source === "registry" ? names.map(readReference) : [];
  return {
    digests: [indexDigest, manifestDigest, configDigest].filter((digest) => digest !== ""),
    repositories: references.filter((reference) => reference !== undefined).map(repositoryOf),
  };
}

function readBytes(file: string): Buffer {
  try {
    const { size } = statSync(file);
    if (size > maxBytes) throw limitExceeded(file, `${size} bytes, at most ${maxBytes}`);
    return readFileSync(file);
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    throw new PlimsollError("CONFIG_INVALID", `${file}: cannot be read: ${errorText(cause)}`, {
      hint: "name a file that exists and that this user may read",
      cause,
    });
  }
}
