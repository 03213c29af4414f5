// The one-pass inspector of uploads: every piece is read here before the engine gets it, and the end of the archive is
// held back until the whole has been judged. The engine unpacks a build context or an image archive completely before it
// acts on it, so that an upload whose end never comes changes nothing.

import { type Compression, detectCompression, magicBytes } from "../../base/compression.ts";
import { limitExceeded } from "../../base/errors.ts";
import { Refusal } from "../refusal.ts";
import { createInflater, type Inflater } from "./inflater.ts";
import type { ChangedTar, InspectedTar, TarSummary } from "./inspected-tar.ts";
import { tarEntry } from "./tar-entry.ts";
import { UploadReader } from "./upload-reader.ts";

export type InspectTarOptions = {
  /** Paths whose content the verdict needs: `Dockerfile`, `manifest.json`. */
  readonly documents: readonly string[];
  /** Whether the small files of an OCI layout are kept, too. */
  readonly wantsLayout?: boolean;
  /** False (observe, warn): nothing is refused or held back here; what is odd stands in the summary. */
  readonly isStrict: boolean;
  /** Judges the whole upload; throw a Refusal and the engine never gets its end. */
  readonly onSummary?: (summary: TarSummary) => Promise<void>;
  /** After `onSummary`: files that are added at the end of the archive, where they take the place of those before. */
  readonly added?: () => ReadonlyMap<string, Uint8Array>;
  readonly maxEntries?: number;
  /** One document, in bytes. */
  readonly maxDocumentBytes?: number;
  readonly maxInflatedBytes?: number;
};

const defaults = { maxEntries: 2_000_000, maxDocumentBytes: 1024 * 1024, maxInflatedBytes: 64 * 2 ** 30 } as const;
/** Compressed bytes that may follow the archive's end. */
const maxHeldBytes = 8 * 1024 * 1024;

export function inspectTar(options: InspectTarOptions): InspectedTar {
  return new TarInspector(options);
}

class TarInspector implements InspectedTar {
  readonly #options: InspectTarOptions;
  readonly #reader: UploadReader;
  #start: Buffer | undefined = Buffer.alloc(0);
  #compression: Compression = "none";
  #inflater: Inflater | undefined;
  #held = 0;
  /** Not strict: the archive could not be read any further. */
  #isBlind = false;
  /** Decoded bytes that have not gone on yet, and how many there were in all. */
  readonly #decoded: Uint8Array[] = [];
  #decodedBytes = 0;
  readonly change?: ChangedTar;

  constructor(options: InspectTarOptions) {
    this.#options = options;
    this.#reader = new UploadReader(options.documents, {
      maxEntries: options.maxEntries ?? defaults.maxEntries,
      maxDocumentBytes: options.maxDocumentBytes ?? defaults.maxDocumentBytes,
      wantsLayout: options.wantsLayout ?? false,
    });
    const { added } = options;
    if (added === undefined) return;
    this.change = {
      pass: () => this.#decoded.splice(0),
      release: (held) => this.#withAdded([...held, ...this.#decoded.splice(0)], added()),
    };
  }

  get holdsBack(): boolean {
    return this.#options.isStrict && this.#reader.hasEnded;
  }

  /** Compressed bytes are all looked at, and what changes is passed on by us. */
  get skippable(): number {
    if (this.#isBlind) return Number.MAX_SAFE_INTEGER;
    const isPlain = this.#start === undefined && this.#inflater === undefined;
    return isPlain && this.change === undefined ? this.#reader.skippable : 0;
  }

  skip(count: number): void {
    if (!this.#isBlind) this.#reader.skip(count);
  }

  observe(piece: Uint8Array): Promise<void> | undefined {
    if (this.#isBlind) return undefined;
    try {
      return this.#orBlind(this.#read(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)));
    } catch (error) {
      this.#goBlind(error);
      return undefined;
    }
  }

  async finish(): Promise<TarSummary> {
    try {
      if (!this.#isBlind) await this.#readEnd();
    } catch (error) {
      this.#goBlind(error);
    }
    const summary = this.#summary();
    await this.#options.onSummary?.(summary);
    return summary;
  }

  #read(bytes: Buffer): Promise<void> | undefined {
    if (this.holdsBack) this.#countHeld(bytes.length);
    if (this.#start === undefined) return this.#decode(bytes);
    this.#start = Buffer.concat([this.#start, bytes]);
    return this.#start.length < magicBytes ? undefined : this.#detect(this.#start);
  }

  #detect(start: Buffer): Promise<void> | undefined {
    this.#start = undefined;
    this.#compression = detectCompression(start);
    if (this.#compression === "bzip2" || this.#compression === "xz") throw unreadable(this.#compression);
    if (this.#compression !== "none") this.#inflater = this.#createInflater(this.#compression);
    return this.#decode(start);
  }

  #createInflater(kind: "gzip" | "zstd"): Inflater {
    const maxBytes = this.#options.maxInflatedBytes ?? defaults.maxInflatedBytes;
    return createInflater(kind, maxBytes, (bytes) => this.#take(bytes));
  }

  #decode(bytes: Buffer): Promise<void> | undefined {
    if (this.#inflater !== undefined) return this.#inflater.push(bytes).then(() => this.#check());
    this.#take(bytes);
    this.#check();
    return undefined;
  }

  #take(bytes: Buffer): void {
    this.#reader.feed(bytes);
    if (this.change === undefined) return;
    this.#decoded.push(bytes);
    this.#decodedBytes += bytes.length;
  }

  /** The last entry of a name wins, and nothing that is held back has reached the engine. */
  #withAdded(held: readonly Uint8Array[], files: ReadonlyMap<string, Uint8Array>): readonly Uint8Array[] {
    const rest = Buffer.concat(held);
    const at = (this.#reader.endsAt ?? this.#decodedBytes) - (this.#decodedBytes - rest.length);
    const entries = [...files].map(([path, content]) => tarEntry(path, content));
    return [rest.subarray(0, at), ...entries, rest.subarray(at)];
  }

  async #readEnd(): Promise<void> {
    if (this.#start !== undefined) await this.#detect(this.#start);
    await this.#inflater?.finish();
    this.#reader.finish();
    this.#check();
  }

  #check(): void {
    const [first] = this.#reader.ambiguities;
    if (this.#options.isStrict && first !== undefined) throw ambiguous(first);
  }

  #countHeld(length: number): void {
    this.#held += length;
    if (this.#held > maxHeldBytes) throw limitExceeded("tar upload", `more than ${maxHeldBytes} bytes after its end`);
  }

  #orBlind(work: Promise<void> | undefined): Promise<void> | undefined {
    return work?.catch((error: unknown) => this.#goBlind(error));
  }

  #goBlind(error: unknown): void {
    if (this.#options.isStrict) throw error;
    this.#isBlind = true;
    this.#reader.ambiguities.add(error instanceof Error ? error.message : String(error));
  }

  #summary(): TarSummary {
    const { layout, isLayoutAlone } = this.#reader;
    return {
      layout: { files: layout.files, missing: layout.missing, isAlone: isLayoutAlone },
      compression: this.#compression,
      entries: this.#reader.entries,
      documents: this.#reader.documents,
      ambiguities: [...this.#reader.ambiguities].sort(),
    };
  }
}

/** @param what on which readers of archives differ */
export function ambiguous(what: string): Refusal {
  return new Refusal({
    code: "AMBIGUOUS_INPUT",
    status: 400,
    rule: "request/ambiguous-tar",
    reason: `tar upload: ${what}`,
    hint: "make the archive again with docker, tar or buildah, without special options",
  });
}

function unreadable(compression: string): Refusal {
  return new Refusal({
    code: "ACCESS_DENIED",
    status: 415,
    rule: "request/tar-compression",
    reason: `tar upload: compressed with ${compression}, which the gate cannot look into`,
    hint: "send it uncompressed, or compressed with gzip or zstd",
  });
}
