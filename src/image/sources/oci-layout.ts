// A folder with an OCI image layout, as skopeo, buildah, oras and BuildKit write it.
// Source: OCI image-spec v1.1.0, image-layout.md.

import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { join } from "node:path";
import { malformed, PlimsollError } from "../../base/errors.ts";
import { blobPath, toDescription } from "../archive/archive-image.ts";
import { checkLayout, chooseFromLayout } from "../archive/oci-index.ts";
import { mismatch } from "../documents/digest.ts";
import { thisPlatform } from "../documents/platform.ts";
import { resolveImage } from "../documents/resolve-image.ts";
import type { ImageSource, LayerBytes, OpenedImage, SourceSettings } from "../source.ts";
import { type PathSubject, splitPath, subjectFor } from "../subject.ts";

export const ociLayout: ImageSource = {
  name: "oci-layout",
  summary: "a folder with an OCI image layout",
  needs: {},
  async open(subject, settings) {
    const wanted = subjectFor("oci-layout", subject);
    if (wanted === undefined) return undefined;
    const found = splitPath(wanted.text);
    if (await isLayout(found.path)) return await openLayout(subject, found, settings);
    if (wanted.isForced) throw malformed(found.path, "expected a folder with oci-layout and index.json");
    return undefined;
  },
};

async function isLayout(path: string): Promise<boolean> {
  return await lstat(join(path, "oci-layout")).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function openLayout(
  subject: string,
  { path, image }: PathSubject,
  settings: SourceSettings,
): Promise<OpenedImage> {
  const { limits } = settings;
  const platform = settings.platform ?? thisPlatform();
  checkLayout(await readSmall(join(path, "oci-layout"), limits.maxManifestBytes), limits.maxManifestBytes);
  const index = await readSmall(join(path, "index.json"), limits.maxManifestBytes);
  const entry = chooseFromLayout(index, image, platform, limits.maxManifestBytes);
  const resolved = await resolveImage(entry.descriptor, {
    read: (from, maxBytes) => readSmall(join(path, blobPath(from.digest)), maxBytes),
    platform,
    limits,
  });
  return {
    description: toDescription(subject, "oci-layout", entry, resolved),
    openLayer: (layer) => layerFile(join(path, blobPath(layer.digest)), layer.size),
    close: () => Promise.resolve(),
  };
}

async function layerFile(path: string, size: number): Promise<LayerBytes> {
  const file = await openPlain(path);
  const length = (await file.stat().finally(() => file.close())).size;
  if (length !== size) throw mismatch("layer size", `${size} bytes`, `${length} bytes`);
  return { kind: "file", path, offset: 0, length };
}

/** A layout from outside must not lead to other files by links. */
async function openPlain(path: string): ReturnType<typeof open> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (cause: unknown) => {
      throw new PlimsollError("NOT_FOUND", `${path}: no file that can be read`, {
        hint: "copy the layout again, whole and without links",
        cause,
      });
    },
  );
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw malformed(path, "expected a file");
}

async function readSmall(path: string, maxBytes: number): Promise<Buffer> {
  const file = await openPlain(path);
  try {
    const { size } = await file.stat();
    if (size > maxBytes) throw mismatch(`size of ${path}`, `at most ${maxBytes} bytes`, `${size} bytes`);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
