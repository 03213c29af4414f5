// Which catalogers want a file? Asked for every entry of every layer, nearly always in vain, so a miss takes one pass over the path's last part and
// makes no object: names and suffixes are looked up by a hash of their characters, and only a hit compares texts.

import type { Cataloger, Reads } from "./cataloger.ts";

export type Router = {
  /**
   * @param path FileEntry.path of a regular file
   * @param head its first bytes, four at least where there are so many
   */
  route(path: string, head: Uint8Array): readonly Cataloger[];
};

type Wish = { readonly text: string; readonly cataloger: Cataloger };
/** By hash of the text, or by its length. */
type Index = ReadonlyMap<number, readonly Wish[]>;

const nobody: readonly Cataloger[] = [];
const slash = 0x2f;
const dot = 0x2e;

export function createRouter(catalogers: readonly Cataloger[]): Router {
  const wishes = (pick: (reads: Reads) => readonly string[] | undefined): readonly Wish[] =>
    catalogers.flatMap((cataloger) => (pick(cataloger.reads) ?? []).map((text) => ({ text, cataloger })));
  const index: Indexes = {
    paths: group(
      wishes((reads) => reads.paths),
      (text) => text.length,
    ),
    directories: group(
      wishes((reads) => reads.directories),
      (text) => text.length,
    ),
    baseNames: group(
      wishes((reads) => reads.baseNames),
      hashOf,
    ),
    suffixes: group(
      wishes((reads) => reads.suffixes),
      hashOf,
    ),
    maxSuffix: Math.max(0, ...wishes((reads) => reads.suffixes).map(({ text }) => text.length)),
  };
  const ofExecutables = catalogers.filter(({ reads }) => reads.executables === true);
  return {
    route(path, head) {
      const byName = routeByName(path, index);
      if (ofExecutables.length === 0 || !isElf(head)) return byName;
      return byName.length === 0 ? ofExecutables : [...new Set([...byName, ...ofExecutables])];
    },
  };
}

type Indexes = {
  readonly paths: Index;
  readonly directories: Index;
  readonly baseNames: Index;
  readonly suffixes: Index;
  /** Longest suffix that anybody asks for. */
  readonly maxSuffix: number;
};

function routeByName(path: string, index: Indexes): readonly Cataloger[] {
  let found = nobody;
  let exact = 0;
  let folded = 0;
  let at = path.length - 1;
  for (; at >= 0; at -= 1) {
    const code = path.charCodeAt(at);
    if (code === slash) break;
    exact = step(exact, code);
    if (path.length - at > index.maxSuffix) continue;
    folded = step(folded, lower(code));
    if (code === dot) found = add(found, index.suffixes.get(folded), path, isSuffix);
  }
  found = add(found, index.baseNames.get(exact), path, isBaseName);
  found = add(found, index.paths.get(path.length), path, isPath);
  return at < 0 ? found : add(found, index.directories.get(at), path, isChild);
}

/** Runs from the last character to the first, so that each suffix has its hash on the way. */
function hashOf(text: string): number {
  let hash = 0;
  for (let at = text.length - 1; at >= 0; at -= 1) hash = step(hash, text.charCodeAt(at));
  return hash;
}

/** Stays within 30 bits: V8 keeps such numbers without an object. */
function step(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) & 0x3fff_ffff;
}

function lower(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 32 : code;
}

function group(wishes: readonly Wish[], key: (text: string) => number): Index {
  return Map.groupBy(wishes, ({ text }) => key(text));
}

type Test = (path: string, text: string) => boolean;

function add(
  found: readonly Cataloger[],
  wishes: readonly Wish[] | undefined,
  path: string,
  test: Test,
): readonly Cataloger[] {
  if (wishes === undefined) return found;
  let all = found;
  for (const { text, cataloger } of wishes) {
    if (test(path, text) && !all.includes(cataloger)) all = [...all, cataloger];
  }
  return all;
}

const isPath: Test = (path, text) => path === text;
const isChild: Test = (path, text) => path.startsWith(text);
const isBaseName: Test = (path, text) =>
  path.endsWith(text) && (path.length === text.length || path.charCodeAt(path.length - text.length - 1) === slash);
const isSuffix: Test = (path, text) => path.slice(-text.length).toLowerCase() === text;

/** The first bytes of an ELF file; system V ABI, "ELF identification". */
function isElf(head: Uint8Array): boolean {
  return head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
}
