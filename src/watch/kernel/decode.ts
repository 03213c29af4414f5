// Bytes of the ring -> a KernelEvent. Runs for every event: up to a million a second, so strings that come again and again
// are kept, and what most events do not have is one shared empty value.

import { posix } from "node:path";
import {
  type FileOrigin,
  type KernelEvent,
  type KernelEventKind,
  type ProcessFacts,
  type Protection,
  protections,
} from "../../model/watch.ts";
import { formatAddress } from "./address.ts";
import { readDetails } from "./details.ts";
import { at, eventKinds, flag, headBytes, origin, pathRoom, verdicts } from "./layout.ts";
import type { RingMemory } from "./ring.ts";
import { actions } from "./system-calls.ts";
import { createTextCache } from "./text-cache.ts";

const noArguments: readonly string[] = Object.freeze([]);
const twoTo32 = 0x1_0000_0000;

export type Decoder = (offset: number, length: number) => KernelEvent | undefined;

/** @param clock milliseconds from the kernel's monotonic zero to 1970 */
export function createDecoder(memory: RingMemory, clock: () => number): Decoder {
  const { bytes, words } = memory;
  const nameOf = createTextCache(memory, (start) => readName(bytes, start));
  const pathOf = createTextCache(memory, (start, length, flags) => readPath(bytes, start, length, flags));
  const word = (byte: number): number => words[byte >>> 2] ?? 0;
  const long = (byte: number): number => (words[byte >>> 2] ?? 0) + (words[(byte >>> 2) + 1] ?? 0) * twoTo32;
  return (offset, length) => {
    const head = word(offset);
    const kind = eventKinds[(head & 0xff) - 1];
    if (kind === undefined || length < headBytes) return undefined;
    const flags = head >>> 24;
    const lengths = word(offset + at.port);
    const tail = word(offset + at.argvLength);
    const family = (tail >>> 16) & 0xff;
    const extra = offset + headBytes + pathRoom;
    const extraLength = tail & 0xffff;
    const c = word(offset + at.c);
    const path = pathOf(offset + headBytes, lengths >>> 16, flags);
    const base = (flags & flag.base) === 0 ? "" : readPath(bytes, extra, extraLength, flag.reversed);
    const readOther = (of: KernelEventKind): string => {
      if (of === "mount") return readText(bytes, extra, extraLength);
      if (of !== "rename" && of !== "link") return "";
      const text = readText(bytes, extra + pathRoom, c);
      // What a symbolic link says is relative to nothing that we know.
      return base === "" || isSymlink(tail >>> 24) ? text : join(base, text);
    };
    return {
      kind,
      time: clock() + long(offset + at.time) / 1e6,
      cgroupId: long(offset + at.cgroup),
      process: {
        pid: word(offset + at.pid),
        threadId: word(offset + at.thread),
        parentPid: word(offset + at.parent),
        containerPid: word(offset + at.containerPid),
        startedAt: long(offset + at.started),
        uid: word(offset + at.uid),
        name: nameOf(offset + at.name, nameBytes, 0),
        mountNamespace: word(offset + at.mountNamespace),
      } satisfies ProcessFacts,
      verdict: verdicts[(head >>> 8) & 0xff] ?? "seen",
      protection: protectionOf((head >>> 16) & 0xff),
      path: base === "" ? path : join(base, path),
      origin: originOf(word(offset + at.origin)),
      argv: kind === "exec" && extraLength > 0 ? readArguments(bytes, extra, extraLength) : noArguments,
      isCut: (flags & (flag.cut | flag.pathCut)) !== 0,
      address: family === 0 ? "" : formatAddress(bytes, words, offset + at.address, family),
      port: family === 0 ? 0 : lengths & 0xffff,
      targetPid: isOfFile(kind) ? 0 : word(offset + at.targetPid),
      targetCgroupId: isOfFile(kind) ? 0 : long(offset + at.targetCgroup),
      details: readDetails(kind, {
        call: tail >>> 24,
        family,
        flags,
        a: long(offset + at.a),
        b: long(offset + at.b),
        c,
        device: word(offset + at.targetPid),
        generation: kind === "exec" || kind === "map-executable" ? c : word(offset + at.address + 12),
        inode: long(offset + at.targetCgroup),
        error: lengths & 0xffff,
        other: readOther(kind),
      }),
    };
  };
}

function protectionOf(number: number): Protection | undefined {
  return number === 0 ? undefined : protections[number - 1];
}

/** There are only 64 of them. */
const origins: readonly (FileOrigin | undefined)[] = Array.from({ length: 64 }, (_, bits) =>
  bits === 0
    ? undefined
    : Object.freeze({
        isNew: (bits & (origin.upper | origin.lower)) === origin.upper,
        isCopied: (bits & (origin.upper | origin.lower)) === (origin.upper | origin.lower),
        ...((bits & origin.changed) === 0 ? {} : { isChanged: true as const }),
        isMemory: (bits & origin.memory) !== 0,
        isUnlinked: (bits & origin.unlinked) !== 0,
      }),
);

/** Their target is a file beneath the one that is named, and nobody. */
function isOfFile(kind: KernelEventKind): boolean {
  return kind === "exec" || kind === "map-executable" || kind === "open" || kind === "create";
}

function isSymlink(call: number): boolean {
  return actions[call]?.name.startsWith("symlink") === true;
}

function originOf(bits: number): FileOrigin | undefined {
  return origins[bits & 63];
}

function readPath(bytes: Buffer, start: number, length: number, flags: number): string {
  if (length === 0) return (flags & flag.reversed) === 0 ? "" : "/";
  const text = bytes.toString("utf8", start, start + length - 1);
  if ((flags & flag.reversed) === 0) return plain(text);
  const names = text.split("\0").reverse();
  if ((flags & flag.detached) !== 0) return names.join("/");
  return `${(flags & flag.pathCut) === 0 ? "/" : ".../"}${names.join("/")}`;
}

/** A path that the caller gave from a folder. */
function join(base: string, path: string): string {
  return plain(path.startsWith("/") ? path : `${base === "/" ? "" : base}/${path}`);
}

/** The caller's own words, without its detours. */
function plain(path: string): string {
  if (!path.startsWith("/") || !/\/(?:\.|\/|$)/.test(path)) return path;
  const whole = posix.normalize(path);
  return whole.length > 1 && whole.endsWith("/") ? whole.slice(0, -1) : whole;
}

/** The text between NULs; its length counts the last one. */
function readText(bytes: Buffer, start: number, length: number): string {
  return length <= 1 ? "" : bytes.toString("utf8", start, start + length - 1);
}

function readArguments(bytes: Buffer, start: number, length: number): readonly string[] {
  const hasEnd = bytes[start + length - 1] === 0;
  return bytes.toString("utf8", start, start + length - (hasEnd ? 1 : 0)).split("\0");
}

/** `comm`: at most 15 bytes, the rest is empty. */
const nameBytes = 16;

function readName(bytes: Buffer, offset: number): string {
  let end = offset;
  while (end < offset + nameBytes - 1 && bytes[end] !== 0) end++;
  return bytes.toString("utf8", offset, end);
}
