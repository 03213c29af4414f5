// What a user names -> an image that can be read, whatever medium it is on: files first, then the engine, then a registry.

import { PlimsollError } from "../base/errors.ts";
import type { ImageSource, OpenedImage, SourceSettings } from "../image/source.ts";
import { sources } from "../image/sources.generated.ts";

/** Those that are not named look at files. */
const askedLate: readonly string[] = ["container", "engine", "registry"];

/** @throws PlimsollError NOT_FOUND when no source knows the subject, and whatever the one that knows it throws */
export async function openImage(subject: string, settings: SourceSettings): Promise<OpenedImage> {
  for (const source of sources.toSorted((left, right) => orderOf(left) - orderOf(right))) {
    settings.signal.throwIfAborted();
    const opened = await source.open(subject, settings);
    if (opened !== undefined) return opened;
  }
  throw new PlimsollError("NOT_FOUND", `${subject}: no image, archive, layout or directory of this name`, {
    hint: "name a file or folder that exists, or an image that the engine or its registry has",
  });
}

function orderOf({ name }: ImageSource): number {
  return askedLate.indexOf(name);
}
