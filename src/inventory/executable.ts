// What a program's file tells, in whichever format: where its sections lie, and where an address of its memory lies in the file.

import type { ByteView } from "./bytes.ts";

/** Larger files are reported as a problem. */
export const maxProgramBytes: number = 4 * 1024 * 1024 * 1024;

export type Place = { readonly offset: number; readonly size: number };
type Segment = Place & { readonly address: number };

export type Executable = {
  /** The whole file, in its own byte order. */
  readonly view: ByteView;
  /** What is loaded from the file. */
  readonly segments: readonly Segment[];
  /** A stripped program may have none. */
  readonly hasSections: boolean;
  /** Undefined when there is none of that name, and when it reaches past the file. */
  section(name: string): Place | undefined;
};

/** Bytes of the program's memory; undefined where nothing is loaded from the file. */
export function memoryBytes({ segments, view }: Executable, address: number, length: number): Uint8Array | undefined {
  for (const { address: start, offset, size } of segments) {
    const into = address - start;
    if (into < 0 || into + length > size) continue;
    return offset + into + length <= view.length ? view.slice(offset + into, length) : undefined;
  }
  return undefined;
}
