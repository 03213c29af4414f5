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
import { readFileRange } from "./file-range.ts";
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
 * Reads a layer to its end, in a worker thread or in the main one.
 * @throws PlimsollError DIGEST_MISMATCH when the bytes are not what was expected, MALFORMED_INPUT for what an engine would refuse,
 * LIMIT_EXCEEDED, and what the visitor throws
 */
export async function readLayer(
  bytes: LayerBytes,
  expected: ExpectedLayer,
  limits: ImageLimits,
  visitor: LayerVisitor,
): Promise<ReadLayer> {
  if (bytes.kind === "directory") {
    return readDirectory(bytes.path, { limits, visitor, readsXattrs: process.platform === "linux" });
  }
  const chunks = bytes.kind === "file" ? readFileRange(bytes) : asBuffers(bytes.stream);
  const layer = new LayerPass(expected, limits, visitor);
  try {
    for await (const chunk of chunks) await layer.take(chunk);
    return await layer.finish();
  } finally {
    layer.close();
  }
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
  readonly #stored: Hash = createHash("sha256");
  /** Undefined until the first bytes say how they are compressed, and for what is not. */
  #inflated: Hash | undefined;
  #inflater: Inflater | undefined;
  #start: Buffer | undefined = Buffer.alloc(0);
  #storedBytes = 0;
  #inflatedBytes = 0;

  constructor(expected: ExpectedLayer, limits: ImageLimits, visitor: LayerVisitor) {
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
    if (this.#start === undefined) return await this.#decode(chunk);
    this.#start = Buffer.concat([this.#start, chunk]);
    if (this.#start.length >= magicBytes) await this.#begin(this.#start);
  }

  async finish(): Promise<ReadLayer> {
    if (this.#start !== undefined) await this.#begin(this.#start);
    await this.#inflater?.finish();
    this.#tar.finish();
    const trailing = this.#inflater?.trailing ?? 0;
    if (trailing > 0) this.#ambiguities.note("trailing-bytes", "", `${trailing} bytes behind the compressed data`);
    return this.#summary();
  }

  close(): void {
    this.#inflater?.destroy();
  }

  async #begin(start: Buffer): Promise<void> {
    this.#start = undefined;
    const compression = detectCompression(start);
    checkCompression(compression, this.#expected.mediaType);
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
    if (this.#inflater === undefined) {
      this.#stored.update(chunk);
      this.#walk(chunk);
      return;
    }
    const written = this.#inflater.write(chunk);
    this.#stored.update(chunk); // while the thread pool inflates
    await written;
  }

  #walk(bytes: Buffer): void {
    this.#inflatedBytes += bytes.length;
    this.#inflated?.update(bytes);
    this.#tar.feed(bytes);
  }

  #summary(): ReadLayer {
    const digest = `sha256:${this.#stored.digest("hex")}`;
    const diffId = this.#inflated === undefined ? digest : `sha256:${this.#inflated.digest("hex")}`;
    const { size } = this.#expected;
    if (size > 0 && this.#storedBytes !== size)
      throw mismatch("layer size", `${size} bytes`, `${this.#storedBytes} bytes`);
    if (this.#expected.digest !== "" && digest !== this.#expected.digest)
      throw mismatch("layer digest", this.#expected.digest, digest);
    if (this.#expected.diffId !== "" && diffId !== this.#expected.diffId)
      throw mismatch("layer diffID", this.#expected.diffId, diffId);
    const ambiguities = this.#ambiguities.list();
    const paths = this.#paths.toBytes();
    return { digest, diffId, size: this.#inflatedBytes, entries: this.#tar.entries, ambiguities, paths };
  }
}

/** The first bytes must be what the media type says: an engine goes by the bytes, others by the name. */
function checkCompression(found: Compression, mediaType: string): void {
  const expected = mediaType === "" ? found : layerCompression(mediaType);
  if (found === expected && found !== "bzip2" && found !== "xz") return;
  throw new PlimsollError(
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
