// Reads the names in an uploaded archive as its bytes pass by, and keeps the few documents that a verdict needs. Whatever two
// readers could understand differently is told as an ambiguity; nothing is guessed.

import { PlimsollError } from "../../base/errors.ts";
import { digestOfPath, LayoutCollector, mayBeDocument } from "../../base/layout-files.ts";
import { TarReader } from "../../base/tar/tar-reader.ts";
import type { TarEntry } from "../../base/tar/tar-visitor.ts";
import type { ContentSink } from "../../model/layer.ts";
import { cleanPath, foldersOf, LinkTracker } from "./tar-paths.ts";

export type UploadLimits = {
  readonly maxEntries: number;
  /** One kept document, in bytes. */
  readonly maxDocumentBytes: number;
  /** Whether the small files of an OCI layout are kept. */
  readonly wantsLayout?: boolean;
};

/** GNU tar fills up to 10 KiB; nobody needs more behind the end of an archive. */
const maxTrailingBytes = 1024 * 1024;
/** PATH_MAX: no engine could make a longer one. */
const maxPathBytes = 4096;
/** Observe mode tells them all, and an archive may hold millions. */
const maxAmbiguities = 100;
const knownTypes = "01234567";
const layoutPath = /^(?:oci-layout|index\.json|blobs(?:\/sha256(?:\/[0-9a-f]{64})?)?|)$/;

export class UploadReader {
  readonly documents = new Map<string, Buffer>();
  readonly ambiguities = new Set<string>();
  /** Small files of an OCI layout. */
  readonly layout = new LayoutCollector();
  /** Nothing else than an OCI layout is in the archive. */
  isLayoutAlone = true;
  readonly #reader: TarReader;
  readonly #wanted: ReadonlySet<string>;
  /** Folders on the way to what is wanted. */
  readonly #folders: ReadonlySet<string>;
  readonly #maxDocumentBytes: number;
  readonly #wantsLayout: boolean;
  readonly #links = new LinkTracker();
  readonly #seen = new Set<string>();
  #trailing = 0;

  constructor(wanted: readonly string[], { maxEntries, maxDocumentBytes, wantsLayout = false }: UploadLimits) {
    this.#wanted = new Set(wanted.map((path) => cleanPath(path).path));
    this.#folders = new Set(["", ...[...this.#wanted].flatMap(foldersOf)]);
    this.#maxDocumentBytes = maxDocumentBytes;
    this.#wantsLayout = wantsLayout;
    const visitor = {
      entry: (entry: TarEntry) => this.#readEntry(entry),
      note: (_rule: string, name: string, detail: string) =>
        this.#note(name === "" ? detail : `${JSON.stringify(name.slice(0, 100))}: ${detail}`),
    };
    this.#reader = new TarReader(visitor, { maxEntries, maxPathBytes });
  }

  get entries(): number {
    return this.#reader.entries;
  }

  /** The end marker has begun: an engine may take the archive for whole from here on. */
  get hasEnded(): boolean {
    return this.#reader.hasEnded;
  }

  /** Bytes from the start of the archive to its end marker; undefined while none has begun. */
  get endsAt(): number | undefined {
    return this.#reader.endsAt;
  }

  /** How many of the coming bytes are content that no verdict needs. */
  get skippable(): number {
    return this.#reader.skippable;
  }

  skip(count: number): void {
    this.#reader.skip(count);
  }

  /** @throws PlimsollError LIMIT_EXCEEDED, MALFORMED_INPUT */
  feed(bytes: Buffer): void {
    if (this.hasEnded) this.#trailing += bytes.length;
    if (this.#trailing > maxTrailingBytes) throw tooLong("what follows the end of the archive", maxTrailingBytes);
    this.#reader.feed(bytes);
  }

  /** After the last byte. @throws PlimsollError MALFORMED_INPUT */
  finish(): void {
    this.#reader.finish();
  }

  #readEntry({ name, type, size }: TarEntry): ContentSink | undefined {
    // A global header: the engine ignores it, and what other readers make of it is noted.
    if (type === "g") return undefined;
    if (!knownTypes.includes(type)) this.#note(`an entry of the unknown type ${JSON.stringify(type)}`);
    const { path, isOdd } = cleanPath(name);
    if (isOdd) this.#note("a path that leaves its folder");
    if (this.#links.isBelowLink(path)) this.#note("an entry below a link");
    this.#links.add(path, type);
    if (type !== "5" && this.#folders.has(path)) this.#note("something else in the place of a folder");
    if (!layoutPath.test(path)) this.isLayoutAlone = false;
    if (this.#wanted.has(path)) return this.#keep(path, type, size);
    const isSmall = this.#wantsLayout && digestOfPath(path) !== undefined && this.layout.mayTake(size);
    return isSmall && type === "0" ? this.#keepDocument(path) : undefined;
  }

  /** What begins as a layer does is let go at once. */
  #keepDocument(path: string): ContentSink {
    const pieces: Buffer[] = [];
    let isLayer = false;
    return {
      write: (bytes) => {
        isLayer ||= pieces.length === 0 && !mayBeDocument(bytes);
        if (!isLayer) pieces.push(Buffer.from(bytes));
      },
      end: () => {
        if (pieces.length > 0) this.layout.take(path, Buffer.concat(pieces));
      },
    };
  }

  #keep(path: string, type: string, size: number): ContentSink {
    if (this.#seen.has(path)) this.#note(`${path} more than once`);
    if (type === "1" || type === "2" || type === "5") this.#note(`${path} as a link or folder`);
    if (size > this.#maxDocumentBytes) throw tooLong(path, this.#maxDocumentBytes);
    this.#seen.add(path);
    const pieces: Buffer[] = [];
    return {
      write: (bytes) => void pieces.push(Buffer.from(bytes)),
      end: () => void this.documents.set(path, Buffer.concat(pieces)),
    };
  }

  #note(ambiguity: string): void {
    if (this.ambiguities.size < maxAmbiguities) this.ambiguities.add(ambiguity);
  }
}

function tooLong(what: string, maxBytes: number): PlimsollError {
  return new PlimsollError("LIMIT_EXCEEDED", `tar upload: ${what} is longer than ${maxBytes} bytes`, {
    hint: "make it shorter",
  });
}
