// One layer in one pass: its digest, inflating, its diffID, and the walk over what is in it. Nothing is written anywhere.

import { createHash, type Hash } from "node:crypto";
import type { Readable } from "node:stream";
import { type Compression, detectCompression, magicBytes } from "../../base/compression.ts";
import { limitExceeded, PlimsollError } from "../../base/errors.ts";
import { Inflater } from "../../base/inflate.ts";
import { TarReader } from "../../base/tar/tar-reader.ts";
import type { LayerSummary, LayerVisitor } from "../../model/layer.ts";
import { mismatch } from "../documents/digest.ts";
import type { ImageLimits, LayerBytes } from "../source.ts";
import { Ambiguities } from "./ambiguities.ts";
import { type FileRange, readFileRange, readFileRangeHere } from "./file-range.ts";
import { hashBeside, hashHere, type LayerHash } from "./layer-hash.ts";
import { LayerWalker } from "./layer-walker.ts";
import { layerCompression } from "./media-type.ts";
import { PathTree } from "./path-tree.ts";
import { readDirectory } from "./read-directory.ts";

/** What a manifest and a config say about a layer; "" and 0 where they say nothing. */
export type ExpectedLayer = {
  readonly digest: string;
  readonly diffId: string;
  readonly mediaType: string;
  readonly size: number;
};

export type ReadLayer = LayerSummary & {
  /** All paths of the layer and what each does to those below: what `foldLayers` takes. */
  readonly paths: Uint8Array;
};

/**
 * What other threads do for one that reads a layer: `hash` a large one that is not compressed (a compressed one is inflated
 * beside anyhow) and read ahead, or `read-ahead` alone. `none` where every processor has a layer of its own: bytes are then
 * looked at where they were copied to, and no thread wakes another.
 */
export type ReadingHelp = "hash" | "read-ahead" | "none";

export type ReadOptions = {
  readonly help?: ReadingHelp;
  /** Ends the reading, also in the middle of a file. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Reads a layer to its end, in a worker thread or in the main one.
 * @throws PlimsollError DIGEST_MISMATCH when the bytes are not what was expected, MALFORMED_INPUT for what an engine would refuse,
 * LIMIT_EXCEEDED, and what the visitor throws
 */
export async function readLayer(
  bytes: LayerBytes,
  expected: ExpectedLayer,
  limits: ImageLimits,
  visitor: LayerVisitor,
  { help = "read-ahead", signal }: ReadOptions = {},
): Promise<ReadLayer> {
  if (bytes.kind === "directory") {
    return readDirectory(bytes.path, { limits, visitor, readsXattrs: process.platform === "linux" });
  }
  const stored = help === "hash" && isWorthAThread(bytes, expected) ? hashBeside() : hashHere();
  const chunks = bytes.kind === "file" ? openRange(bytes, stored, help) : asBuffers(bytes.stream);
  const layer = new LayerPass(expected, limits, visitor, stored);
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      await layer.take(chunk);
    }
    return await layer.finish();
  } finally {
    layer.close();
  }
}

function openRange(range: FileRange, stored: LayerHash, help: ReadingHelp): AsyncIterable<Buffer> {
  return help === "none" ? readFileRangeHere(range) : readFileRange(range, stored.memory);
}

/** Bytes below which the other thread would come too late. */
const leastBytes = 64 * 1024 * 1024;

function isWorthAThread(bytes: LayerBytes, { mediaType }: ExpectedLayer): boolean {
  return bytes.kind === "file" && bytes.length >= leastBytes && layerCompression(mediaType) === "none";
}

async function* asBuffers(stream: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    const bytes: unknown = chunk;
    if (bytes instanceof Uint8Array) yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

class LayerPass {
  readonly #expected: ExpectedLayer;
  readonly #limits: ImageLimits;
  readonly #ambiguities = new Ambiguities();
  readonly #paths = new PathTree();
  readonly #tar: TarReader;
  readonly #stored: LayerHash;
  /** Undefined until the first bytes say how they are compressed, and for what is not. */
  #inflated: Hash | undefined;
  #inflater: Inflater | undefined;
  #start: Buffer | undefined = Buffer.alloc(0);
  #storedBytes = 0;
  /** The first broken thing: told only if the bytes are those of the digest. */
  #failure: unknown;
  #inflatedBytes = 0;

  constructor(expected: ExpectedLayer, limits: ImageLimits, visitor: LayerVisitor, stored: LayerHash) {
    this.#stored = stored;
    this.#expected = expected;
    this.#limits = limits;
    const walker = new LayerWalker({
      visitor,
      paths: this.#paths,
      ambiguities: this.#ambiguities,
      maxDepth: limits.maxDepth,
    });
    this.#tar = new TarReader(walker, limits);
  }

  async take(chunk: Buffer): Promise<void> {
    this.#storedBytes += chunk.length;
    const { size } = this.#expected;
    if (size > 0 && this.#storedBytes > size) throw mismatch("layer size", `${size} bytes`, "more");
    if (this.#storedBytes > this.#limits.maxLayerBytes) throw tooLong(this.#limits.maxLayerBytes);
    if (this.#failure !== undefined) await this.#stored.update(chunk);
    else if (this.#start === undefined) await this.#attempt(() => this.#decode(chunk));
    else await this.#attempt(() => this.#gather(chunk, this.#start ?? chunk));
  }

  async #gather(chunk: Buffer, start: Buffer): Promise<void> {
    this.#start = Buffer.concat([start, chunk]);
    if (this.#start.length >= magicBytes) await this.#begin(this.#start);
  }

  /** Broken bytes are hashed to their end, because bytes that were changed on their way are the likelier reason. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof PlimsollError) || error.code !== "MALFORMED_INPUT") throw error;
      this.#failure = error;
    }
  }

  async finish(): Promise<ReadLayer> {
    if (this.#failure === undefined) await this.#attempt(() => this.#end());
    if (this.#failure !== undefined) {
      this.#checkStored(`sha256:${await this.#stored.digest()}`);
      throw this.#failure;
    }
    const trailing = this.#inflater?.trailing ?? 0;
    if (trailing > 0) this.#ambiguities.note("trailing-bytes", "", `${trailing} bytes behind the compressed data`);
    return await this.#summary();
  }

  async #end(): Promise<void> {
    if (this.#start !== undefined) await this.#begin(this.#start);
    await this.#inflater?.finish();
    this.#tar.finish();
  }

  close(): void {
    this.#inflater?.destroy();
    this.#paths.release();
    this.#stored.close();
  }

  async #begin(start: Buffer): Promise<void> {
    this.#start = undefined;
    const compression = detectCompression(start);
    const unexpected = wrongCompression(compression, this.#expected.mediaType);
    if (unexpected !== undefined) {
      await this.#stored.update(start);
      throw unexpected;
    }
    if (compression === "gzip" || compression === "zstd") {
      this.#inflated = createHash("sha256");
      this.#inflater = new Inflater({
        kind: compression,
        maxBytes: this.#limits.maxLayerBytes,
        maxRatio: this.#limits.maxInflateRatio,
        where: "layer",
        take: (bytes) => this.#walk(bytes),
      });
    }
    await this.#decode(start);
  }

  async #decode(chunk: Buffer): Promise<void> {
    if (this.#inflater === undefined) return await this.#walkPlain(chunk);
    const written = this.#inflater.write(chunk);
    await this.#stored.update(chunk); // while the thread pool inflates
    await written;
  }

  async #walkPlain(chunk: Buffer): Promise<void> {
    try {
      this.#walk(chunk);
    } finally {
      await this.#stored.update(chunk);
    }
  }

  #walk(bytes: Buffer): void {
    this.#inflatedBytes += bytes.length;
    this.#inflated?.update(bytes);
    this.#tar.feed(bytes);
  }

  async #summary(): Promise<ReadLayer> {
    const digest = `sha256:${await this.#stored.digest()}`;
    const diffId = this.#inflated === undefined ? digest : `sha256:${this.#inflated.digest("hex")}`;
    this.#checkStored(digest);
    if (this.#expected.diffId !== "" && diffId !== this.#expected.diffId)
      throw mismatch("layer diffID", this.#expected.diffId, diffId);
    const ambiguities = this.#ambiguities.list();
    const paths = this.#paths.toBytes();
    return { digest, diffId, size: this.#inflatedBytes, entries: this.#tar.entries, ambiguities, paths };
  }

  #checkStored(digest: string): void {
    const { size, diffId } = this.#expected;
    const expected = this.#expected.digest || (this.#inflated === undefined ? diffId : "");
    if (size > 0 && this.#storedBytes !== size)
      throw mismatch("layer size", `${size} bytes`, `${this.#storedBytes} bytes`);
    if (expected !== "" && digest !== expected) throw mismatch("layer digest", expected, digest);
  }
}

/** The first bytes must be what the media type says: an engine goes by the bytes, others by the name. */
function wrongCompression(found: Compression, mediaType: string): PlimsollError | undefined {
  const expected = mediaType === "" ? found : layerCompression(mediaType);
  if (found === expected && found !== "bzip2" && found !== "xz") return undefined;
  return new PlimsollError(
    "MALFORMED_INPUT",
    `layer: expected ${mediaType || "tar, gzip or zstd"}, found ${found} bytes`,
    {
      hint: "build the image again; layers are tar, gzip or zstd, as their media type says",
    },
  );
}

function tooLong(maxBytes: number): PlimsollError {
  return limitExceeded("layer", `more than ${maxBytes} bytes`);
}
