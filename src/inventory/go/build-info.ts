// What the Go linker writes into every program: the toolchain's version and the modules it was built from.
// Source: go/src/debug/buildinfo/buildinfo.go (both layouts) and runtime/debug/mod.go (the text).

import type { ByteView } from "../bytes.ts";
import { type Executable, memoryBytes, type Place } from "../executable.ts";
import { linesOf } from "../text.ts";

export type GoModule = {
  readonly path: string;
  readonly version: string;
  /** It replaced a module of another path. */
  readonly isSubstitute?: boolean;
};

export type GoBuildInfo = {
  /** `go1.22.5 X:boringcrypto` */
  readonly toolchain: string;
  /** The program's own module, with version "" when that is not known; undefined when it was built without one. */
  readonly main: GoModule | undefined;
  /** After replacements. */
  readonly dependencies: readonly GoModule[];
};

const magic = Buffer.from("\xff Go buildinf:", "latin1");
const headerSize = 32;
const maxText = 16 * 1024 * 1024;

/** @returns undefined for a program that Go did not link */
export function readBuildInfo(program: Executable): GoBuildInfo | undefined {
  const block = findBlock(program);
  if (block === undefined) return undefined;
  const flags = program.view.byte(block.offset + 15);
  const [toolchain, text] = (flags & 2) !== 0 ? inlineTexts(program.view, block) : pointedTexts(program, block);
  if (toolchain === undefined || toolchain === "") return undefined;
  return { toolchain, ...readModules(withoutSentinels(text ?? "")) };
}

/** From the magic on. In a program without section names it lies somewhere in what is loaded, on a multiple of 16. */
function findBlock({ view, segments, section, hasSections }: Executable): Place | undefined {
  const own = section(".go.buildinfo");
  if (own !== undefined && own.size > 0) return blockIn(view, own);
  // Segments that lie upon one another are not searched over and over.
  let left = 2 * view.length;
  for (const segment of hasSections ? [] : segments) {
    left -= segment.size;
    if (left < 0) break;
    const found = blockIn(view, segment);
    if (found !== undefined) return found;
  }
  return undefined;
}

function blockIn(view: ByteView, { offset, size }: Place): Place | undefined {
  const end = Math.min(offset + size, view.length);
  for (let at = view.indexOf(magic, offset, end); at !== -1; at = view.indexOf(magic, at + 1, end)) {
    if ((at - offset) % 16 === 0 && at + headerSize <= end) return { offset: at, size: end - at };
  }
  return undefined;
}

/** Go 1.18 and later: two texts with their length before them. */
function inlineTexts(view: ByteView, { offset, size }: Place): readonly string[] {
  const first = textAt(view, offset + headerSize, offset + size);
  const second = textAt(view, first.end, offset + size);
  return [first.text, second.text];
}

function textAt(view: ByteView, start: number, last: number): { readonly text: string; readonly end: number } {
  let length = 0;
  let at = start;
  for (let shift = 0; at < last && shift < 35; shift += 7) {
    const byte = view.byte(at);
    at += 1;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  const end = at + length;
  if (end > last || length > maxText) return { text: "", end: last };
  return { text: view.text(at, end), end };
}

/** Before Go 1.18: two addresses of texts, each an address and a length. */
function pointedTexts(program: Executable, { offset }: Place): readonly string[] {
  const size = program.view.byte(offset + 14);
  if (size !== 4 && size !== 8) return [];
  return [16, 16 + size].map((at) => {
    const address = number(program, program.view.slice(offset + at, size));
    return pointedText(program, address, size);
  });
}

function pointedText(program: Executable, address: number, size: number): string {
  const header = memoryBytes(program, address, size * 2);
  if (header === undefined) return "";
  const length = number(program, header.subarray(size));
  if (length > maxText) return "";
  const text = memoryBytes(program, number(program, header.subarray(0, size)), length);
  return text === undefined ? "" : Buffer.from(text).toString("latin1");
}

function number({ view }: Executable, bytes: Uint8Array): number {
  const ordered = view.isLittleEndian ? bytes.toReversed() : bytes;
  return ordered.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** Sixteen bytes on each side mark where the text is, for those who search for it. */
function withoutSentinels(text: string): string {
  return text.length >= 33 && text.charAt(text.length - 17) === "\n" ? text.slice(16, -16) : "";
}

function readModules(text: string): Pick<GoBuildInfo, "main" | "dependencies"> {
  let main: GoModule | undefined;
  let flags = "";
  const dependencies: GoModule[] = [];
  for (const line of linesOf(text, 200_000)) {
    const [kind, path = "", version = ""] = line.split("\t", 3);
    if (kind === "build" && path.startsWith("-ldflags=")) flags = path;
    if (path === "") continue;
    if (kind === "mod") main = { path, version };
    else if (kind === "dep") dependencies.push({ path, version });
    // What a folder on the builder's disk replaced keeps its name: where that came from is not known.
    else if (kind === "=>" && !/^[./]/.test(path)) substitute(dependencies, { path, version });
  }
  return { main: main && withFlaggedVersion(main, flags), dependencies };
}

function substitute(dependencies: GoModule[], module: GoModule): void {
  const replaced = dependencies.pop();
  if (replaced === undefined) return;
  dependencies.push(replaced.path === module.path ? module : { ...module, isSubstitute: true });
}

/** A program without a version of its own often got one from its builder: `-X main.version=1.2.3`, or in a package of its module. */
function withFlaggedVersion(main: GoModule, flags: string): GoModule {
  if (isKnownVersion(main.version)) return main;
  for (const [, name = "", version] of flags.matchAll(
    /-X[ =]\\?['"]?([\w./~-]{1,300})=v?(\d{1,6}\.\d{1,6}\.\d{1,6}[\w.+-]{0,100})/g,
  )) {
    const dot = name.lastIndexOf(".");
    const holder = name.slice(0, Math.max(0, dot));
    const isOwn = holder === "main" || holder === main.path || holder.startsWith(`${main.path}/`);
    if (isOwn && /^(?:app|build|release|bin)?version$/i.test(name.slice(dot + 1)))
      return { ...main, version: `v${version}` };
  }
  return { ...main, version: "" };
}

/** Neither `(devel)` nor a pseudo-version without a tag before it can be compared with releases. */
function isKnownVersion(version: string): boolean {
  return version !== "(devel)" && !/^v0\.0\.0-\d{14}-/.test(version);
}
