// Images that were made here through the gate, by their ids: how, by whom, when, and from which images. What nobody outside can
// say of an image that no registry has.

import { array, boolean, literal, object, string } from "../../base/schema.ts";
import type { Digest } from "../../model/image.ts";
import { openRecords } from "./records.ts";

export type MadeImage = {
  readonly how: "built" | "committed" | "imported" | "loaded";
  /** Id of the principal. */
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  /** What it was built or committed from. */
  readonly bases: readonly {
    readonly name: string;
    readonly id: Digest;
    readonly isTrusted: boolean;
    readonly signers: readonly string[];
  }[];
};

export interface MadeImages {
  find(imageId: Digest): MadeImage | undefined;
  /** The first to make it counts: whoever makes the same bytes again changes nothing. */
  remember(imageId: Digest, made: MadeImage): void;
}

const shape = object({
  how: literal("built", "committed", "imported", "loaded"),
  ...{ by: string, at: string },
  bases: array(object({ name: string, id: string, isTrusted: boolean, signers: array(string) })),
});

const maxImages = 65_536;

export function openMadeImages(folder: string): MadeImages {
  const records = openRecords(folder, shape, maxImages);
  return {
    find: (imageId) => records.get(imageId),
    remember(imageId, made) {
      if (records.get(imageId) === undefined) records.put(imageId, made);
    },
  };
}
