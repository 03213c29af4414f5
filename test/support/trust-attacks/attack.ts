// One attack on who vouches for an image, and what the attacks are made of.

import type { Pair } from "../../judges/scene.ts";
import type { HostileRepository } from "../hostile-registry.ts";
import { archive, file } from "../hostile-tar.ts";
import { describe, type MadeImage, makeOciImage, types } from "../oci-image.ts";

export type TrustAttack = {
  readonly id: string;
  readonly what: string;
  /** Makes the registry's side. @returns the reference behind the repository's name; `:1` when nothing is returned */
  prepare(repository: HostileRepository, keys: Keys): Promise<string | undefined> | string | undefined;
  /** What the refusal has to say. */
  readonly says: RegExp;
  /** What an engine without a gate does with it. */
  readonly direct: "takes it" | "refuses it" | "waits for ever";
};

export type Keys = { readonly release: Pair; readonly second: Pair };

/** Two images that differ in who says that he made them. */
export const image: MadeImage = makeOciImage({ config: { author: "good" } });
export const evil: MadeImage = makeOciImage({ config: { author: "evil" } });

const platform = { platform: { os: "linux", architecture: "amd64" } };

/** As an index lists it. */
export const child = (made: MadeImage, more: object = platform): object =>
  describe(made.manifest, types.manifest, more);

/** An engine that has seen a document or a layer before does not ask for it again. */
export function freshImage(mark: string): MadeImage {
  return makeOciImage({ tars: [archive(file("mark", mark))], config: { author: mark } });
}

export const unsigned: RegExp = /nobody signed it; needs a signature by release/;
