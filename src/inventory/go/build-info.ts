// What the Go linker writes into every program: the toolchain's version and the modules it was built from.
// Source: go/src/debug/buildinfo/buildinfo.go (both layouts) and runtime/debug/mod.go (the text).

import { type Elf, memoryBytes, sectionBytes } from "../elf.ts";
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
export function readBuildInfo(elf: Elf): GoBuildInfo | undefined {
  const block = findBlock(elf);
  if (block === undefined) return undefined;
  const flags = block[15] ?? 0;
  const [toolchain, text] = (flags & 2) !== 0 ? inlineTexts(block) : pointedTexts(elf, block);
  if (toolchain === undefined || toolchain === "") return undefined;
  return { toolchain, ...readModules(withoutSentinels(text ?? "")) };
}

/** From the magic on. In a program without section names it lies somewhere in what is loaded, on a multiple of 16. */
function findBlock(elf: Elf): Buffer | undefined {
  const section = sectionBytes(elf, ".go.buildinfo");
  if (section.length > 0) return blockIn(section);
  for (const { offset, size } of elf.sections === undefined ? elf.segments : []) {
    const found = blockIn(elf.view.bytes.subarray(offset, offset + size));
    if (found !== undefined) return found;
  }
  return undefined;
}

function blockIn(bytes: Uint8Array): Buffer | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = buffer.indexOf(magic); at !== -1; at = buffer.indexOf(magic, at + 1)) {
    if (at % 16 === 0 && at + headerSize <= buffer.length) return buffer.subarray(at);
  }
  return undefined;
}

/** Go 1.18 and later: two texts with their length before them. */
function inlineTexts(block: Buffer): readonly string[] {
  const first = textAt(block, headerSize);
  const second = textAt(block, first.end);
  return [first.text, second.text];
}

function textAt(block: Buffer, start: number): { readonly text: string; readonly end: number } {
  let length = 0;
  let at = start;
  for (let shift = 0; at < block.length && shift < 35; shift += 7) {
    const byte = block.readUInt8(at);
    at += 1;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  const end = at + length;
  if (end > block.length || length > maxText) return { text: "", end: block.length };
  return { text: block.toString("latin1", at, end), end };
}

/** Before Go 1.18: two addresses of texts, each an address and a length. */
function pointedTexts(elf: Elf, block: Buffer): readonly string[] {
  const size = block[14] ?? 0;
  if (size !== 4 && size !== 8) return [];
  return [16, 16 + size].map((at) => pointedText(elf, number(elf, block.subarray(at, at + size)), size));
}

function pointedText(elf: Elf, address: number, size: number): string {
  const header = memoryBytes(elf, address, size * 2);
  if (header === undefined) return "";
  const length = number(elf, header.subarray(size));
  const text = length > maxText ? undefined : memoryBytes(elf, number(elf, header.subarray(0, size)), length);
  return text === undefined ? "" : Buffer.from(text).toString("latin1");
}

function number(elf: Elf, bytes: Uint8Array): number {
  const ordered = elf.view.isLittleEndian ? bytes.toReversed() : bytes;
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
