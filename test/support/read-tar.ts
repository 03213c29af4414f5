// A tar in memory through the real layer reader, and all that it tells.

import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { PlimsollError } from "../../src/base/errors.ts";
import { type ExpectedLayer, type ReadLayer, readLayer } from "../../src/image/layer/read-layer.ts";
import { defaultImageLimits } from "../../src/image/limits.ts";
import type { ImageLimits } from "../../src/image/source.ts";
import type { FileEntry } from "../../src/model/layer.ts";

export type SeenEntry = FileEntry & { /** SHA-256 of the content of a file, hex. */ readonly content: string };
export type SeenLayer = {
  readonly entries: readonly SeenEntry[];
  readonly summary: ReadLayer | undefined;
  /** Rules, each once, sorted. */
  readonly rules: readonly string[];
  /** Of a PlimsollError; anything else is thrown on. */
  readonly error: PlimsollError | undefined;
};

export type ReadOptions = {
  readonly expected?: Partial<ExpectedLayer>;
  readonly limits?: Partial<ImageLimits>;
  /** Bytes in one piece; default: all at once. */
  readonly pieceBytes?: number;
};

export const nothingExpected: ExpectedLayer = { digest: "", diffId: "", mediaType: "", size: 0 };

export async function readTar(bytes: Uint8Array, options: ReadOptions = {}): Promise<SeenLayer> {
  const entries: SeenEntry[] = [];
  const piece = options.pieceBytes ?? Math.max(1, bytes.length);
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, at) =>
    bytes.subarray(at * piece, (at + 1) * piece),
  );
  const visit = (entry: FileEntry): { write(chunk: Uint8Array): void; end(): void } => {
    const hash = createHash("sha256");
    const at = entries.push({ ...entry, content: "" }) - 1;
    const end = (): void => {
      if (entry.kind === "file") entries[at] = { ...entry, content: hash.digest("hex") };
    };
    return { write: (chunk) => hash.update(chunk), end };
  };
  try {
    const stream = { kind: "stream", stream: Readable.from(pieces) } as const;
    const limits = { ...defaultImageLimits, ...options.limits };
    const summary = await readLayer(stream, { ...nothingExpected, ...options.expected }, limits, { visit });
    const rules = [...new Set(summary.ambiguities.map(({ rule }) => rule))].sort();
    return { entries, summary, rules, error: undefined };
  } catch (error) {
    if (!(error instanceof PlimsollError)) throw error;
    return { entries, summary: undefined, rules: [], error };
  }
}

/** What a row of a table expects: rules, or the kind of error. */
export function verdictOf(seen: SeenLayer): readonly string[] | "refused" | "limit" {
  if (seen.error === undefined) return seen.rules;
  return seen.error.code === "LIMIT_EXCEEDED" ? "limit" : "refused";
}
