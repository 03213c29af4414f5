// What a user names -> an image that can be read, whatever medium it is on: files first, then the engine, then a registry.

import { PlimsollError } from "../base/errors.ts";
import { textAt, textsAt } from "../base/reading.ts";
import { askEngine } from "../image/engine/engine-call.ts";
import type { ImageSource, OpenedImage, SourceSettings } from "../image/source.ts";
import { sources } from "../image/sources.generated.ts";
import { canonicalNames, subjectFor } from "../image/subject.ts";
import type { ScanCache } from "./cache/scan-cache.ts";
import type { KnownImage } from "./merge/image-contents.ts";

export type FoundImage =
  | { readonly kind: "opened"; readonly image: OpenedImage }
  /** The engine has an image that was read before: its bytes are not asked for again. */
  | { readonly kind: "known"; readonly known: KnownImage };

/** Those that are not named look at files. */
const askedLate: readonly string[] = ["container", "engine", "registry"];

/** @throws PlimsollError NOT_FOUND when no source knows the subject, and whatever the one that knows it throws */
export async function openImage(subject: string, settings: SourceSettings, cache: ScanCache): Promise<FoundImage> {
  const all = sources.toSorted((left, right) => orderOf(left) - orderOf(right));
  for (const source of isFileName(subject) ? all.filter((one) => orderOf(one) === -1) : all) {
    settings.signal.throwIfAborted();
    const known = source.name === "engine" ? await knownToEngine(subject, settings, cache) : undefined;
    if (known !== undefined) return { kind: "known", known };
    const image = await source.open(subject, settings);
    if (image !== undefined) return { kind: "opened", image };
  }
  throw new PlimsollError("NOT_FOUND", `${subject}: no image, archive, layout or directory of this name`, {
    hint: "name a file or folder that exists, or an image that the engine or its registry has",
  });
}

/** A name with a typing error in it is not sent to a registry. `registry://app.tar` is, for whoever means that. */
function isFileName(subject: string): boolean {
  return /^\.{0,2}\/|^[^:]*\.(?:tar|tar\.gz|tgz|tar\.zst|json)(?:#.*)?$/.test(subject);
}

function orderOf({ name }: ImageSource): number {
  return askedLate.indexOf(name);
}

/** The engine says under which id it has the name now; what an id names never changes. */
async function knownToEngine(
  subject: string,
  settings: SourceSettings,
  cache: ScanCache,
): Promise<KnownImage | undefined> {
  const name = subjectFor("engine", subject)?.text ?? "";
  if (settings.engineSocket === "" || !/^[A-Za-z0-9][A-Za-z0-9._:@/-]*$/.test(name)) return undefined;
  const found = await askEngine(`/images/${encodeURIComponent(name)}/json`, settings);
  const known = cache.image(textAt(found, "Id"));
  if (known === undefined) return undefined;
  const names = canonicalNames(textsAt(found, "RepoTags"));
  return { ...known, description: { ...known.description, subject, source: "engine", names } };
}
