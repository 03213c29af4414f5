// An image out of an engine's store: `docker save` by its id, kept in a temporary file, and held against that id.

import type { Readable } from "node:stream";
import { limitExceeded, PlimsollError } from "../../base/errors.ts";
import { textAt, textsAt } from "../../base/reading.ts";
import { UnnamedFile } from "../../base/unnamed-file.ts";
import { Archive } from "../archive/archive.ts";
import { openArchiveImage } from "../archive/archive-image.ts";
import { isDigest, mismatch } from "../documents/digest.ts";
import type { OpenedImage, SourceSettings } from "../source.ts";
import { canonicalNames } from "../subject.ts";
import { askEngine, streamFromEngine } from "./engine-call.ts";

/** @param name as the engine knows it, or an id @returns undefined when the engine has no such image */
export async function openEngineImage(
  subject: string,
  name: string,
  settings: SourceSettings,
): Promise<OpenedImage | undefined> {
  const found = await askEngine(`/images/${encodeURIComponent(name)}/json`, settings);
  if (found === undefined) return undefined;
  const id = textAt(found, "Id");
  if (!isDigest(id)) throw mismatch("image id", "sha256: and 64 hex digits", id.slice(0, 80));
  const spool = await keep(await streamFromEngine(`/images/${id}/get`, settings), settings);
  const image = await openSpooled(spool, subject, settings);
  const { configDigest, manifestDigest, indexDigest } = image.description;
  if (![configDigest, manifestDigest, indexDigest].includes(id)) {
    await image.close();
    throw mismatch("image from the engine", id, configDigest);
  }
  const names = canonicalNames(textsAt(found, "RepoTags"));
  return { ...image, description: { ...image.description, source: "engine", names } };
}

async function openSpooled(spool: UnnamedFile, subject: string, settings: SourceSettings): Promise<OpenedImage> {
  const archive = await Archive.open(spool.path, settings, spool).catch((error: unknown) => {
    spool.close();
    throw error;
  });
  if (archive !== undefined) return await openArchiveImage(archive, { subject, image: "" }, settings);
  spool.close();
  throw new PlimsollError("ENGINE_REFUSED", "engine: an image that is no archive", {
    hint: "look into the engine's log",
  });
}

/** The stream's bytes in a temporary file. @throws PlimsollError LIMIT_EXCEEDED */
export async function keep(stream: Readable, settings: SourceSettings): Promise<UnnamedFile> {
  const { maxLayerBytes } = settings.limits;
  const spool = UnnamedFile.open(settings.temporaryFolder);
  try {
    for await (const piece of stream) {
      if (!(piece instanceof Uint8Array)) continue;
      if (spool.size + piece.length > maxLayerBytes) throw limitExceeded("image", `more than ${maxLayerBytes} bytes`);
      await spool.append(piece);
    }
    return spool;
  } catch (error) {
    spool.close();
    throw error;
  }
}
