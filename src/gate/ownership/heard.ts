// What an engine's answer says of the things that a call made or removed.
// Source: Engine API reference: ContainerExec, ContainerCreate, ImageCommit (`Id`), ImageBuild (`aux.ID`), ImageLoad
// (`Loaded image: `), ImageCreate from a source (`status: sha256:...`), ImageDelete (`Untagged`, `Deleted`).

import { listAt, textAt, textsAt } from "../../base/reading.ts";
import { canonicalTag, isImageId } from "../../base/reference.ts";
import type { Action } from "../../model/action.ts";

export type Heard = {
  /** Id of the one thing that was made. */
  id: string;
  readonly images: Set<string>;
  /** In the ledger's form. */
  readonly tags: Set<string>;
  readonly removedImages: Set<string>;
  readonly removedTags: Set<string>;
  readonly removedVolumes: Set<string>;
};

export function nothingHeard(): Heard {
  return {
    id: "",
    images: new Set(),
    tags: new Set(),
    removedImages: new Set(),
    removedTags: new Set(),
    removedVolumes: new Set(),
  };
}

/** How an action's answer is listened to; undefined: not at all. */
export const listening: Partial<Readonly<Record<Action, "json" | "records">>> = {
  "container.create": "json",
  "container.commit": "json",
  "exec.create": "json",
  "image.remove": "json",
  "image.prune": "json",
  "volume.prune": "json",
  "image.build": "records",
  "image.load": "records",
  "image.import": "records",
};

const loaded = /^Loaded image(?: ID)?: (\S+)\s*$/;

export function hear(heard: Heard, answer: unknown): void {
  heard.id = textAt(answer, "Id") || heard.id;
  addImage(heard.images, textAt(answer, "aux", "ID"));
  addImage(heard.images, textAt(answer, "status"));
  const name = loaded.exec(textAt(answer, "stream"))?.[1] ?? "";
  addImage(heard.images, name);
  addTag(heard.tags, name);
  const removals = Array.isArray(answer) ? answer : listAt(answer, "ImagesDeleted");
  for (const removal of removals) {
    addTag(heard.removedTags, textAt(removal, "Untagged"));
    addImage(heard.removedImages, textAt(removal, "Deleted"));
  }
  for (const volume of textsAt(answer, "VolumesDeleted")) heard.removedVolumes.add(volume);
}

/** As engines write it of a new container. */
const plainId = /^\{"Id":"([0-9a-f]{64})","Warnings":(?:\[\]|null)\}\n?$/;

/** @returns false when the answer says more than an id: then it has to be read */
export function hearPlain(heard: Heard, document: string): boolean {
  const id = plainId.exec(document)?.[1];
  heard.id = id ?? heard.id;
  return id !== undefined;
}

function addImage(images: Set<string>, id: string): void {
  if (isImageId(id)) images.add(id);
}

function addTag(tags: Set<string>, text: string): void {
  const tag = text === "" ? undefined : canonicalTag(text);
  if (tag !== undefined) tags.add(tag);
}
