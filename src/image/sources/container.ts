// The files of a container, `container://NAME`: those of its image, and on top what it changed.

import { access, constants } from "node:fs/promises";
import { PlimsollError } from "../../base/errors.ts";
import { textAt } from "../../base/reading.ts";
import { isDigest, mismatch } from "../documents/digest.ts";
import { askEngine, streamFromEngine } from "../engine/engine-call.ts";
import { keep, openEngineImage } from "../engine/engine-image.ts";
import type { ImageSource, OpenedImage, SourceSettings } from "../source.ts";
import { subjectFor } from "../subject.ts";

export const container: ImageSource = {
  name: "container",
  summary: "a container's files, with what it changed: container://NAME",
  needs: {},
  async open(subject, settings) {
    const wanted = subjectFor("container", subject);
    if (wanted === undefined || !wanted.isForced) return undefined;
    const found = await askEngine(`/containers/${encodeURIComponent(wanted.text)}/json`, settings);
    if (found === undefined) throw notThere(wanted.text);
    const [id, image] = [textAt(found, "Id"), textAt(found, "Image")];
    if (!/^[a-f0-9]{64}$/.test(id) || !isDigest(image)) throw mismatch("container", "ids of 64 hex digits", id);
    const below = await openEngineImage(subject, image, settings);
    if (below === undefined) throw notThere(image);
    const upper = textAt(found, "GraphDriver", "Data", "UpperDir");
    return (await isReadable(upper)) ? withUpper(below, upper) : await withExport(below, id, settings);
  },
};

/** The image's layers and the container's own, which keeps apart who brought what. */
function withUpper(image: OpenedImage, upper: string): OpenedImage {
  const { layers } = image.description;
  const own = { index: layers.length, digest: "", mediaType: "", size: 0, diffId: "", createdBy: "container" };
  return {
    description: { ...image.description, source: "container", layers: [...layers, own] },
    openLayer: async (layer) =>
      layer.index === own.index ? { kind: "directory", path: upper } : await image.openLayer(layer),
    close: () => image.close(),
  };
}

/** Where the engine's folders cannot be read: everything merged into one layer, as `docker export` gives it. */
async function withExport(image: OpenedImage, id: string, settings: SourceSettings): Promise<OpenedImage> {
  await image.close();
  const spool = await keep(await streamFromEngine(`/containers/${id}/export`, settings), settings);
  const merged = { index: 0, digest: "", mediaType: "", size: spool.size, diffId: "", createdBy: "container" };
  return {
    description: { ...image.description, source: "container", layers: [merged] },
    openLayer: () => Promise.resolve({ kind: "file", path: spool.path, offset: 0, length: spool.size }),
    close: async () => spool.close(),
  };
}

async function isReadable(path: string): Promise<boolean> {
  if (!path.startsWith("/")) return false;
  return await access(path, constants.R_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

function notThere(name: string): PlimsollError {
  return new PlimsollError("NOT_FOUND", `engine: no container ${JSON.stringify(name.slice(0, 200))}`, {
    hint: "list the containers there with docker ps --all",
  });
}
