// Which packages of Go are really in a program: the names in its table of functions, those that were inlined away included.
// A finding about a package that is not linked need not be reported, so whatever is doubtful here reads as "not known".
// Source: go/src/internal/abi/symtab.go and cmd/link/internal/ld/pcln.go ("funcnametab"); go/src/debug/gosym/pclntab.go (header by version).

import { ByteView } from "../bytes.ts";
import type { Executable, Place } from "../executable.ts";

/** Go 1.16, 1.18 and 1.20. Older tables do not name inlined functions. */
const magics: Readonly<Record<number, number>> = { 4294967290: 2, 4294967280: 3, 4294967281: 3 };

/** The largest programs have a fifth of it. */
const maxNamesBytes = 48 * 1024 * 1024;

/** @returns import paths, `net/http`, `golang.org/x/text/language`; empty when it cannot be told */
export function readLinkedPackages(program: Executable): ReadonlySet<string> {
  const table = functionNames(program);
  const packages = new Set<string>();
  let last = "";
  for (let start = 0; start < table.length; ) {
    const end = table.indexOf("\0", start);
    if (end === -1) break;
    // Names stand in the order of packages, so most repeat the one before.
    if (last === "" || !table.startsWith(last, start) || table.charAt(start + last.length) !== ".") {
      last = packageOf(table.slice(start, Math.min(end, start + 1000)));
      if (last !== "") packages.add(unescapePath(last));
    }
    start = end + 1;
  }
  packages.delete("main");
  return packages;
}

/** All names, each ended by a zero byte; "" when there is no table, or of a kind that is not known. */
function functionNames(program: Executable): string {
  for (const name of tableSections) {
    const place = program.section(name);
    const names = place === undefined ? "" : namesAt(program.view, place);
    if (names !== "") return names;
  }
  const data = program.section(".data.rel.ro");
  return data === undefined ? "" : searchNames(program.view, data);
}

const tableSections: readonly string[] = [".gopclntab", ".data.rel.ro.gopclntab"];

/** The C linker puts the table among other data. */
function searchNames(view: ByteView, { offset, size }: Place): string {
  const end = offset + size;
  for (const magic of Object.keys(magics)) {
    const wanted = headerStart(Number(magic), view);
    for (let at = view.indexOf(wanted, offset, end); at !== -1; at = view.indexOf(wanted, at + wanted.length, end)) {
      const names = namesAt(view, { offset: at, size: end - at });
      if (names !== "") return names;
    }
  }
  return "";
}

/** Magic and two zero bytes; then the instruction size, and the size of an address. */
function headerStart(magic: number, { isLittleEndian }: ByteView): Buffer {
  const start = Buffer.alloc(6);
  if (isLittleEndian) start.writeUInt32LE(magic);
  else start.writeUInt32BE(magic);
  return start;
}

function namesAt(file: ByteView, { offset, size: length }: Place): string {
  if (length < 80) return "";
  const view = new ByteView(file.range(offset, length), "Go function table", file.isLittleEndian);
  const before = magics[view.word(0)];
  const size = view.byte(7);
  if (before === undefined || (size !== 4 && size !== 8)) return "";
  const field = (index: number): number => (size === 8 ? view.long(8 + index * 8) : view.word(8 + index * 4));
  const start = field(before);
  const end = field(before + 1);
  return start >= end || end > view.length || end - start > maxNamesBytes ? "" : view.text(start, end);
}

/** `net/http.(*Server).Serve` -> `net/http`; what the compiler makes up (`type:.eq.`, `go:buildid`) is in no package. */
function packageOf(name: string): string {
  if (/^(?:type|go)[:.]|^_|^$/.test(name)) return "";
  const generic = name.indexOf("[");
  const plain = generic === -1 ? name : name.slice(0, generic);
  const dot = plain.indexOf(".", plain.lastIndexOf("/") + 1);
  return dot === -1 ? "" : plain.slice(0, dot);
}

/** The linker writes a dot in a path's last part, and what is not printable, as `%2e`. */
function unescapePath(path: string): string {
  return path.replace(/%([0-9a-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
