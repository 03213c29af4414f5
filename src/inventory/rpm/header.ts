// One package's header as rpm's database keeps it: an index of typed entries over a store of values.
// Source: rpm, docs/manual/format_header.md (v4 header, without the leading magic); rpm, include/rpm/rpmtag.h (numbers of tags).

import { ByteView } from "../bytes.ts";

/** Tags of interest. */
const tags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  vendor: 1011,
  license: 1014,
  architecture: 1022,
  oldFileNames: 1027,
  sourceRpm: 1044,
  directoryIndexes: 1116,
  baseNames: 1117,
  directoryNames: 1118,
  modularityLabel: 5096,
} as const;

export type RpmHeader = {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  /** 0 when there is none: rpm compares both as equal. */
  readonly epoch: number;
  readonly vendor: string;
  readonly license: string;
  readonly architecture: string;
  /** `bash-5.1.8-6.el9.src.rpm`, or "" */
  readonly sourceRpm: string;
  readonly modularityLabel: string;
  readonly files: readonly string[];
};

type Entry = { readonly type: number; readonly offset: number; readonly count: number };
type Index = { readonly bytes: Uint8Array; readonly store: ByteView; readonly entries: ReadonlyMap<number, Entry> };

/** @throws PlimsollError MALFORMED_INPUT */
export function readRpmHeader(blob: Uint8Array): RpmHeader {
  const index = readIndex(blob);
  const text = (tag: number): string => textsOf(index, tag)[0] ?? "";
  return {
    name: text(tags.name),
    version: text(tags.version),
    release: text(tags.release),
    epoch: numbersOf(index, tags.epoch)[0] ?? 0,
    vendor: text(tags.vendor),
    license: text(tags.license),
    architecture: text(tags.architecture),
    sourceRpm: text(tags.sourceRpm),
    modularityLabel: text(tags.modularityLabel),
    files: filesOf(index),
  };
}

const wanted: ReadonlySet<number> = new Set(Object.values(tags));

function readIndex(blob: Uint8Array): Index {
  const view = new ByteView(blob, "rpm header", false);
  const count = view.word(0);
  const storeStart = 8 + count * 16;
  const bytes = view.slice(storeStart, view.word(4));
  const store = new ByteView(bytes, "rpm header", false);
  const entries = new Map<number, Entry>();
  for (let at = 8; at < storeStart; at += 16) {
    const tag = view.word(at);
    if (!wanted.has(tag) || entries.has(tag)) continue;
    entries.set(tag, { type: view.word(at + 4), offset: view.word(at + 8), count: view.word(at + 12) });
  }
  return { bytes, store, entries };
}

const types = { int32: 4, string: 6, stringArray: 8, translatedString: 9 } as const;

function textsOf({ bytes, store, entries }: Index, tag: number): readonly string[] {
  const entry = entries.get(tag);
  if (entry === undefined) return [];
  if (entry.type !== types.string && entry.type !== types.stringArray && entry.type !== types.translatedString) {
    throw store.malformed(`type ${entry.type} for the text ${tag}`);
  }
  const texts: string[] = [];
  let at = entry.offset;
  const count = entry.type === types.string ? 1 : entry.count;
  for (let number = 0; number < count; number += 1) {
    const end = bytes.indexOf(0, at);
    if (end === -1 || at > store.length) throw store.malformed(`text ${tag} has no end`);
    texts.push(decode(bytes, at, end));
    at = end + 1;
  }
  return texts;
}

function decode(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
}

function numbersOf({ store, entries }: Index, tag: number): readonly number[] {
  const entry = entries.get(tag);
  if (entry === undefined) return [];
  if (entry.type !== types.int32) throw store.malformed(`type ${entry.type} for the number ${tag}`);
  store.slice(entry.offset, entry.count * 4);
  return Array.from({ length: entry.count }, (_, at) => store.word(entry.offset + at * 4));
}

/** Directory and base name apart, or (before rpm 4) whole. Without leading slash. */
function filesOf(index: Index): readonly string[] {
  const baseNames = textsOf(index, tags.baseNames);
  if (baseNames.length === 0) return textsOf(index, tags.oldFileNames).map((path) => path.replace(/^\//, ""));
  const directories = textsOf(index, tags.directoryNames).map((path) => path.replace(/^\//, ""));
  const numbers = numbersOf(index, tags.directoryIndexes);
  return baseNames.map((name, at) => {
    const directory = directories[numbers[at] ?? -1];
    if (directory === undefined) throw index.store.malformed(`file ${at} has no directory`);
    return directory + name;
  });
}
