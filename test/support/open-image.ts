// Opens a subject with the real sources, reads all its layers, and tells what came out: the description, or the error's code.

import { PlimsollError } from "../../src/base/errors.ts";
import { foldLayers } from "../../src/image/layer/fold-layers.ts";
import { readLayer } from "../../src/image/layer/read-layer.ts";
import type { OpenedImage, SourceSettings } from "../../src/image/source.ts";
import { sources } from "../../src/image/sources.generated.ts";
import type { ImageDescription } from "../../src/model/image.ts";

export type SeenImage = {
  readonly description: ImageDescription;
  /** Paths of files that the image still has, sorted. */
  readonly files: readonly string[];
  readonly ambiguities: readonly string[];
};

export async function openImage(subject: string, settings: SourceSettings): Promise<OpenedImage> {
  for (const source of sources) {
    const image = await source.open(subject, settings);
    if (image !== undefined) return image;
  }
  throw new Error(`no source takes ${subject}`);
}

export async function seeImage(subject: string, settings: SourceSettings): Promise<SeenImage> {
  const image = await openImage(subject, settings);
  try {
    const read = [];
    for (const layer of image.description.layers) {
      const wanted: string[] = [];
      const visit = (entry: { readonly kind: string; readonly path: string }): undefined => {
        if (entry.kind === "file") wanted.push(entry.path);
        return undefined;
      };
      const { paths, ambiguities } = await readLayer(await image.openLayer(layer), layer, settings.limits, { visit });
      read.push({ paths, wanted, ambiguities });
    }
    const folded = foldLayers(read);
    return {
      description: image.description,
      files: folded.survivors.flatMap(({ places }) => places).sort(),
      ambiguities: read.flatMap(({ ambiguities }) => ambiguities.map(({ rule }) => rule)),
    };
  } finally {
    await image.close();
  }
}

/** The code of the documented error; anything else than such an error fails the test. */
export async function refusal(subject: string, settings: SourceSettings): Promise<string> {
  try {
    await seeImage(subject, settings);
    return "accepted";
  } catch (error) {
    if (error instanceof PlimsollError) return error.code;
    throw error;
  }
}
