// The parts of a program that say what is in it: sections by name, and where an address of its memory lies in the file.
// Source: System V ABI, gabi 4.1, chapters "Object Files" (ELF header, sections) and "Program Loading".

import { ByteView, type FileBytes, startOf } from "./bytes.ts";
import type { Executable, Place } from "./executable.ts";

/** Kept as bytes: a layer has thousands of programs, and of each at most three sections are asked for. */
type Sections = { readonly table: Table; readonly names: Uint8Array; readonly is64: boolean };

const maxSections = 4096;
const noBits = 8;
const loadable = 1;

export function isElf(bytes: FileBytes): boolean {
  const [first, ...letters] = startOf(bytes, 4);
  return first === 0x7f && String.fromCharCode(...letters) === "ELF";
}

/** @throws PlimsollError MALFORMED_INPUT when the header is broken; tables that reach past the file read as absent, as in a stripped program */
export function readElf(bytes: FileBytes): Executable {
  const view = new ByteView(bytes, "ELF file", startOf(bytes, 6)[5] !== 2);
  const is64 = view.byte(4) === 2;
  const at = is64 ? layout64 : layout32;
  const segments = tableAt(view, number(view, at.segmentTable, is64), at.segmentSize, at.segmentRow);
  const sections = readSections(view, is64);
  return {
    view,
    segments: rowsOf(segments)
      .filter((row) => view.word(row) === loadable)
      .map((row) => ({
        address: number(view, row + at.segment.address, is64),
        offset: number(view, row + at.segment.offset, is64),
        size: number(view, row + at.segment.size, is64),
      })),
    hasSections: sections !== undefined,
    section: (name) => (sections === undefined ? undefined : findSection(view, sections, name)),
  };
}

function findSection(view: ByteView, { table, names, is64 }: Sections, name: string): Place | undefined {
  for (const row of rowsOf(table)) {
    if (!isNamed(names, view.word(row), name) || view.word(row + 4) === noBits) continue;
    const place = placeOf(view, row, is64);
    return fits(view, place.offset, place.size) ? place : undefined;
  }
  return undefined;
}

type Layout = {
  readonly segmentTable: number;
  readonly sectionTable: number;
  readonly segmentSize: number;
  readonly sectionSize: number;
  readonly segmentRow: number;
  readonly sectionRow: number;
  readonly segment: { readonly offset: number; readonly address: number; readonly size: number };
  readonly section: { readonly offset: number; readonly size: number };
};

const layout64: Layout = {
  ...{ segmentTable: 32, sectionTable: 40, segmentSize: 54, sectionSize: 58, segmentRow: 56, sectionRow: 64 },
  segment: { offset: 8, address: 16, size: 32 },
  section: { offset: 24, size: 32 },
};

const layout32: Layout = {
  ...{ segmentTable: 28, sectionTable: 32, segmentSize: 42, sectionSize: 46, segmentRow: 32, sectionRow: 40 },
  segment: { offset: 4, address: 8, size: 16 },
  section: { offset: 16, size: 20 },
};

type Table = { readonly start: number; readonly size: number; readonly count: number };

/** @param sizeAt where the size of a row stands, and behind it their number */
function tableAt(view: ByteView, start: number, sizeAt: number, least: number): Table {
  const size = view.short(sizeAt);
  const count = Math.min(view.short(sizeAt + 2), maxSections);
  return start === 0 || size < least || !fits(view, start, count * size)
    ? { start, size, count: 0 }
    : { start, size, count };
}

/** Where each row of a table begins. */
function rowsOf({ start, size, count }: Table): readonly number[] {
  return Array.from({ length: count }, (_, row) => start + row * size);
}

function readSections(view: ByteView, is64: boolean): Sections | undefined {
  const at = is64 ? layout64 : layout32;
  const table = tableAt(view, number(view, at.sectionTable, is64), at.sectionSize, at.sectionRow);
  const namesRow = view.short(at.sectionSize + 4);
  if (namesRow >= table.count) return undefined;
  const { offset, size } = placeOf(view, table.start + namesRow * table.size, is64);
  return fits(view, offset, size) ? { table, names: view.slice(offset, size), is64 } : undefined;
}

function placeOf(view: ByteView, row: number, is64: boolean): Place {
  const { section } = is64 ? layout64 : layout32;
  return { offset: number(view, row + section.offset, is64), size: number(view, row + section.size, is64) };
}

function number(view: ByteView, at: number, is64: boolean): number {
  return is64 ? view.long(at) : view.word(at);
}

/** Names lie one behind the other, each ended by a zero byte. */
function isNamed(names: Uint8Array, start: number, name: string): boolean {
  if (names[start + name.length] !== 0) return false;
  for (let at = 0; at < name.length; at += 1) if (names[start + at] !== name.charCodeAt(at)) return false;
  return true;
}

function fits(view: ByteView, offset: number, length: number): boolean {
  return Number.isSafeInteger(offset) && offset >= 0 && length >= 0 && offset + length <= view.length;
}
