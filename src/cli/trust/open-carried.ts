// An image in a file: `./app.tar`, `archive://app.tar`, `oci-layout://folder`; `#NAME` says which, or as what it is judged. What counts are
// the signatures that came with it. The layers are hashed first: nobody else does before the answer is believed.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Carried, carriedFile, carriedOf, readCarried } from "../../admission/trust/carried.ts";
import { claimsTo, placesOf, repositoriesOf } from "../../admission/trust/carried-layout.ts";
import { PlimsollError } from "../../base/errors.ts";
import { tagOf } from "../../base/reference.ts";
import { Archive } from "../../image/archive/archive.ts";
import { type ReadLayout, readLayout } from "../../image/archive/layout-images.ts";
import { layoutOfArchive, layoutOfFolder } from "../../image/archive/read-layout-contents.ts";
import { thisPlatform } from "../../image/documents/platform.ts";
import type { OpenedImage, SourceSettings } from "../../image/source.ts";
import { archive as archiveSource } from "../../image/sources/archive.ts";
import { ociLayout } from "../../image/sources/oci-layout.ts";
import { canonicalName, splitPath } from "../../image/subject.ts";
import type { Digest, ImageDescription, LayerDescriptor } from "../../model/image.ts";

export type ImageFile = {
  /** As what it may be judged: one that is trusted suffices. */
  readonly claims: readonly Carried[];
  /** Of the image in the file, whatever its signatures speak of. */
  readonly configDigest: Digest;
};

/** A name of an image begins neither with a dot nor with a slash: no file can take the place of a name that was typed. */
export function isFileName(text: string): boolean {
  return /^(?:(?:archive|oci-layout):\/\/|\.{0,2}\/)/.test(text);
}

/** @throws PlimsollError where there is no image, or nothing in the file says who signed it */
export async function openCarried(text: string, plain: SourceSettings): Promise<ImageFile> {
  const settings = { ...plain, temporaryFolder: tmpdir() };
  const { path, image: asked } = splitPath(text.replace(/^(?:archive|oci-layout):\/\//, ""));
  const opened = await openImage(path, asked, settings);
  try {
    const { description } = opened;
    for (const layer of description.layers) await checkLayer(layer, opened);
    const claims = await claimsOf(path, asked, description, settings);
    if (claims.length > 0) return { claims, configDigest: description.configDigest };
  } finally {
    await opened.close();
  }
  throw new PlimsollError("NOT_FOUND", `${path}: nothing in it says who signed the image, and for which name`, {
    hint: `name it by what it is (${path}#registry.example/team/app:1), or add ${carriedFile} of plimsoll trust export`,
  });
}

/** A name that the file does not know is what the only image in it is judged by. */
async function openImage(path: string, asked: string, settings: SourceSettings): Promise<OpenedImage> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const source = isFolder ? ociLayout : archiveSource;
  const open = async (name: string): Promise<OpenedImage> => {
    const found = await source.open(`${source.name}://${path}${name === "" ? "" : `#${name}`}`, settings);
    if (found !== undefined) return found;
    throw new PlimsollError("NOT_FOUND", `${path}: no archive and no layout`, { hint: "name a file of docker save" });
  };
  return asked === "" ? await open("") : await open(asked).catch(() => open(""));
}

/** Stored bytes have the digest of the manifest; archives of older engines keep the plain tar, whose digest the config has. */
async function checkLayer(layer: LayerDescriptor, opened: OpenedImage): Promise<void> {
  const bytes = await opened.openLayer(layer);
  if (bytes.kind !== "file") return;
  const { path, offset, length } = bytes;
  const hash = createHash("sha256");
  if (length > 0)
    for await (const chunk of createReadStream(path, { start: offset, end: offset + length - 1 })) hash.update(chunk);
  const found = `sha256:${hash.digest("hex")}`;
  if (found === (layer.digest || layer.diffId)) return;
  throw new PlimsollError(
    "DIGEST_MISMATCH",
    `layer ${layer.index}: expected ${layer.digest || layer.diffId}, found ${found}`,
    {
      hint: "save the image once more",
    },
  );
}

async function claimsOf(
  path: string,
  asked: string,
  description: ImageDescription,
  settings: SourceSettings,
): Promise<readonly Carried[]> {
  const { layout, carried } = await readBeside(path, settings);
  const names = canonicalName(asked).length > 0 ? canonicalName(asked) : description.names;
  const exported = carried.filter(({ reference }) => names.length === 0 || names.includes(tagOf(reference)));
  const digest = description.indexDigest || description.manifestDigest;
  const image = layout?.images.find((one) => one.digest === digest);
  if (layout === undefined || image === undefined) return exported;
  const places = names.length > 0 ? names : placesOf(image, (await repositoriesOf(image, layout)) ?? []);
  const wanted = settings.platform ?? thisPlatform();
  const found = places.flatMap((name) => claimsTo(name, image, layout).slice(0, 1));
  return [...exported, ...found.map((claim) => ({ ...claim, platform: wanted }))];
}

type Beside = { readonly layout: ReadLayout | undefined; readonly carried: readonly Carried[] };

async function readBeside(path: string, settings: SourceSettings): Promise<Beside> {
  const { maxManifestBytes } = settings.limits;
  const archive = (await stat(path)).isDirectory() ? undefined : await Archive.open(path, settings);
  if (archive === undefined) {
    const contents = await layoutOfFolder(path, await readFile(join(path, "index.json")));
    return { layout: readLayout(contents), carried: [] };
  }
  try {
    const bytes = archive.has(carriedFile) ? await archive.read(carriedFile, maxManifestBytes) : undefined;
    const carried = bytes === undefined ? [] : readCarried(bytes).map(carriedOf);
    const hasIndex = archive.has("index.json");
    return { layout: hasIndex ? readLayout(await layoutOfArchive(archive, maxManifestBytes)) : undefined, carried };
  } finally {
    await archive.close();
  }
}
