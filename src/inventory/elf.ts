// The parts of a program that say what is in it: sections by name, and where an address of its memory lies in the file.
// Source: System V ABI, gabi 4.1, chapters "Object Files" (ELF header, sections) and "Program Loading".

import { ByteView } from "./bytes.ts";

export type ElfSection = {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
};

type Segment = { readonly address: number; readonly offset: number; readonly size: number };

export type Elf = {
  /** The whole file, in its own byte order. */
  readonly view: ByteView;
  readonly sections: readonly ElfSection[];
  /** What is loaded from the file. */
  readonly segments: readonly Segment[];
  /** 4 or 8 bytes an address. */
  readonly addressSize: number;
};

const maxSections = 4096;
const noBits = 8;
const loadable = 1;

export function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/** @throws PlimsollError MALFORMED_INPUT when the header is broken; tables that reach past the file read as absent, as in a stripped program */
export function readElf(bytes: Uint8Array): Elf {
  const view = new ByteView(bytes, "ELF file", bytes[5] !== 2);
  const is64 = view.byte(4) === 2;
  const at = is64 ? layout64 : layout32;
  const number = (offset: number): number => (is64 ? view.long(offset) : view.word(offset));
  const header = {
    segments: {
      start: number(at.segmentTable),
      size: view.short(at.segmentSize),
      count: view.short(at.segmentSize + 2),
    },
    sections: {
      start: number(at.sectionTable),
      size: view.short(at.sectionSize),
      count: view.short(at.sectionSize + 2),
    },
    names: view.short(at.sectionSize + 4),
  };
  return {
    view,
    addressSize: is64 ? 8 : 4,
    segments: rows(view, header.segments, at.segmentRow)
      .filter((row) => view.word(row) === loadable)
      .map((row) => ({
        address: number(row + at.segment.address),
        offset: number(row + at.segment.offset),
        size: number(row + at.segment.size),
      })),
    sections: readSections(view, rows(view, header.sections, at.sectionRow), header.names, (row) => ({
      offset: number(row + at.section.offset),
      size: number(row + at.section.size),
    })),
  };
}

/** The bytes of a section; empty when there is none, or when it reaches past the file. */
export function sectionBytes(elf: Elf, name: string): Uint8Array {
  const section = elf.sections.find((candidate) => candidate.name === name);
  if (section === undefined || !fits(elf.view, section.offset, section.size)) return new Uint8Array();
  return elf.view.slice(section.offset, section.size);
}

/** Bytes of the program's memory; undefined where nothing is loaded from the file. */
export function memoryBytes(elf: Elf, address: number, length: number): Uint8Array | undefined {
  for (const segment of elf.segments) {
    const into = address - segment.address;
    if (into < 0 || into + length > segment.size) continue;
    return fits(elf.view, segment.offset + into, length) ? elf.view.slice(segment.offset + into, length) : undefined;
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

/** Where each row of a table begins. */
function rows(view: ByteView, { start, size, count }: Table, least: number): readonly number[] {
  const used = Math.min(count, maxSections);
  if (start === 0 || size < least || !fits(view, start, used * size)) return [];
  return Array.from({ length: used }, (_, row) => start + row * size);
}

type Place = { readonly offset: number; readonly size: number };

function readSections(
  view: ByteView,
  table: readonly number[],
  names: number,
  placeOf: (row: number) => Place,
): readonly ElfSection[] {
  const namesRow = table[names];
  if (namesRow === undefined) return [];
  const { offset, size } = placeOf(namesRow);
  if (!fits(view, offset, size)) return [];
  const texts = Buffer.from(view.slice(offset, size));
  return table
    .filter((row) => view.word(row + 4) !== noBits)
    .map((row) => ({ ...placeOf(row), name: nameAt(texts, view.word(row)) }));
}

function nameAt(texts: Buffer, start: number): string {
  const end = texts.indexOf(0, start);
  return start < texts.length && end !== -1 ? texts.toString("latin1", start, Math.min(end, start + 100)) : "";
}

function fits(view: ByteView, offset: number, length: number): boolean {
  return Number.isSafeInteger(offset) && offset >= 0 && length >= 0 && offset + length <= view.length;
}
