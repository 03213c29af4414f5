// The small files of a layout that lies on disk: in an archive, or in a folder.

import { constants } from "node:fs";
import { type FileHandle, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { digestOfPath, LayoutCollector, layoutLimits, mayBeDocument } from "../../base/layout-files.ts";
import type { Archive } from "./archive.ts";
import { type LayoutContents, layoutContents } from "./layout-contents.ts";

/** @throws PlimsollError for an archive without index.json */
export async function layoutOfArchive(archive: Archive, maxIndexBytes: number): Promise<LayoutContents> {
  const collector = new LayoutCollector();
  for (const path of archive.paths()) {
    if (digestOfPath(path) === undefined || !archive.isFile(path)) continue;
    const { length } = archive.locate(path);
    if (!collector.mayTake(length)) continue;
    const bytes = await archive.read(path, layoutLimits.maxFileBytes);
    if (mayBeDocument(bytes)) collector.take(path, bytes);
  }
  const index = await archive.read("index.json", maxIndexBytes);
  return layoutContents(index, collector.files, collector.missing);
}

/** @param index the folder's index.json */
export async function layoutOfFolder(folder: string, index: Uint8Array): Promise<LayoutContents> {
  const collector = new LayoutCollector();
  for (const name of (await readdir(join(folder, "blobs/sha256")).catch(() => [])).sort()) {
    const path = `blobs/sha256/${name}`;
    const bytes = digestOfPath(path) === undefined ? undefined : await readSmall(join(folder, path), collector);
    if (bytes !== undefined && mayBeDocument(bytes)) collector.take(path, bytes);
  }
  return layoutContents(index, collector.files, collector.missing);
}

/** A layout from outside must not lead to other files by links. @returns undefined for what is no small file */
async function readSmall(path: string, collector: LayoutCollector): Promise<Uint8Array | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const found = await file.stat();
    return found.isFile() && collector.mayTake(found.size) ? await readWhole(file, found.size) : undefined;
  } finally {
    await file.close();
  }
}

async function readWhole(file: FileHandle, size: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0);
  return buffer.subarray(0, bytesRead);
}
