// An archive that holds an image: its members are found by one walk over the headers and read where they lie. Nothing is
// unpacked. A compressed archive is inflated into a temporary file first.

import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type Compression, detectCompression, magicBytes } from "../../base/compression.ts";
import { limitExceeded, malformed, PlimsollError } from "../../base/errors.ts";
import { Inflater } from "../../base/inflate.ts";
import { placeOf } from "../../base/tar/name.ts";
import { TarReader } from "../../base/tar/tar-reader.ts";
import type { TarEntry } from "../../base/tar/tar-visitor.ts";
import { UnnamedFile } from "../../base/unnamed-file.ts";
import { asFileError } from "../file-error.ts";
import type { ImageLimits, SourceSettings } from "../source.ts";

type Member =
  | { readonly kind: "file"; readonly offset: number; readonly length: number }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "other" };

export type ArchiveFile = { readonly path: string; readonly offset: number; readonly length: number };

const pieceBytes = 64 * 1024;
/** An image has a handful of files for each layer. */
const maxMembers = 100_000;
const maxLinks = 4;

export class Archive {
  readonly #members: ReadonlyMap<string, Member>;
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #spool: UnnamedFile | undefined;

  private constructor(
    members: ReadonlyMap<string, Member>,
    file: FileHandle,
    path: string,
    spool: UnnamedFile | undefined,
  ) {
    this.#members = members;
    this.#file = file;
    this.#path = path;
    this.#spool = spool;
  }

  /**
   * @param spool a stream that was kept before; closed with the archive
   * @returns undefined when the file is no archive at all
   */
  static async open(path: string, settings: SourceSettings, spool?: UnnamedFile): Promise<Archive | undefined> {
    const start = await readStart(path);
    const compression = detectCompression(start);
    if (compression === "none" && !isTar(start)) return undefined;
    const plain = compression === "none" ? spool : await inflateArchive(path, compression, settings);
    const source = plain?.path ?? path;
    const file = await open(source, "r");
    try {
      return new Archive(await indexMembers(file, settings.limits), file, source, plain);
    } catch (error) {
      await file.close();
      plain?.close();
      throw error;
    }
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  paths(): Iterable<string> {
    return this.#members.keys();
  }

  /** Itself, and no link to one. */
  isFile(name: string): boolean {
    return this.#members.get(name)?.kind === "file";
  }

  /** Follows links inside the archive. @throws PlimsollError MALFORMED_INPUT when no file stands under the name */
  locate(name: string): ArchiveFile {
    let at = name;
    for (let links = 0; links <= maxLinks; links += 1) {
      const member = this.#members.get(at);
      if (member?.kind === "file") return { path: this.#path, offset: member.offset, length: member.length };
      if (member?.kind !== "link") break;
      at = member.target;
    }
    throw malformed("archive", `expected a file ${JSON.stringify(name.slice(0, 200))}, found none`);
  }

  async read(name: string, maxBytes: number): Promise<Buffer> {
    const { offset, length } = this.locate(name);
    if (length > maxBytes)
      throw limitExceeded(`archive: ${name.slice(0, 200)}`, `${length} bytes, at most ${maxBytes}`);
    return await this.#readAt(offset, length);
  }

  async compressionOf(name: string): Promise<Compression> {
    const { offset, length } = this.locate(name);
    return detectCompression(await this.#readAt(offset, Math.min(length, magicBytes)));
  }

  async close(): Promise<void> {
    await this.#file.close();
    this.#spool?.close();
  }

  async #readAt(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await this.#file.read(buffer, 0, length, offset);
    if (bytesRead < length)
      throw malformed("archive", `it ends at byte ${offset + bytesRead}, in the middle of a file`);
    return buffer;
  }
}

async function readStart(path: string): Promise<Buffer> {
  const file = await open(path, "r").catch((error: unknown) => {
    throw asFileError(path, error);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function isTar(start: Buffer): boolean {
  return start.length === 512 && start.toString("latin1", 257, 262) === "ustar";
}

async function inflateArchive(path: string, compression: Compression, settings: SourceSettings): Promise<UnnamedFile> {
  const { limits } = settings;
  if (compression !== "gzip" && compression !== "zstd")
    throw malformed(path, `expected tar, gzip or zstd, found ${compression}`);
  const spool = UnnamedFile.open(settings.temporaryFolder);
  const inflater = new Inflater({
    kind: compression,
    maxBytes: limits.maxLayerBytes,
    maxRatio: limits.maxInflateRatio,
    where: "archive",
    take: (bytes) => spool.appendNow(bytes),
  });
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: pieceBytes })) {
      await inflater.write(chunk);
    }
    await inflater.finish();
    return spool;
  } catch (error) {
    inflater.destroy();
    spool.close();
    throw error;
  }
}

/** Reads headers only; what lies between them is skipped. */
async function indexMembers(file: FileHandle, limits: ImageLimits): Promise<ReadonlyMap<string, Member>> {
  const members = new Map<string, Member>();
  const reader = new TarReader(
    {
      entry(entry) {
        addMember(members, entry);
        return undefined;
      },
      note: (rule, name, detail) => refuse(rule, name, detail),
    },
    { maxEntries: maxMembers, maxPathBytes: limits.maxPathBytes },
  );
  const buffer = Buffer.allocUnsafe(pieceBytes);
  const { size } = await file.stat();
  while (reader.position < size) {
    const { bytesRead } = await file.read(buffer, 0, pieceBytes, reader.position);
    if (bytesRead === 0) break;
    reader.feed(buffer.subarray(0, bytesRead));
    reader.skip(Math.min(reader.skippable, size - reader.position));
  }
  reader.finish();
  return members;
}

function addMember(members: Map<string, Member>, entry: TarEntry): void {
  const { path, rule } = placeOf(entry.name);
  if (rule !== "") refuse(rule, entry.name, "a name outside of the archive");
  const isDirectory = entry.type === "5";
  if (members.has(path) && !isDirectory) refuse("duplicate-path", path, "more than once");
  if (!isDirectory) members.set(path, toMember(entry, path));
}

function toMember(entry: TarEntry, path: string): Member {
  if (entry.type === "0") return { kind: "file", offset: entry.offset, length: entry.size };
  if (entry.type !== "1" && entry.type !== "2") return { kind: "other" };
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return { kind: "link", target: placeOf(entry.type === "1" ? entry.linkName : folder + entry.linkName).path };
}

function refuse(rule: string, name: string, detail: string): never {
  throw new PlimsollError("AMBIGUOUS_INPUT", `archive: ${rule} at ${JSON.stringify(name.slice(0, 200))}: ${detail}`, {
    hint: "save the image again with docker, podman or skopeo",
  });
}
