// A folder as a layer: a root file system, or the upper directory of an overlay with its whiteouts and opaque marks.
// The folder may belong to a running container that moves things about meanwhile: each name is looked up below an open
// directory, never along a path, and links are never followed. File systems mounted below are not entered. Source: Linux overlayfs.rst, "whiteouts and opaque directories".

import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from "node:fs";
import { limitExceeded } from "../../base/errors.ts";
import { readXattrs } from "../../base/native/xattrs.ts";
import { decodeName } from "../../base/tar/name.ts";
import type { EntryKind, FileEntry, LayerVisitor } from "../../model/layer.ts";
import { asFileError } from "../file-error.ts";
import type { ImageLimits } from "../source.ts";
import { Ambiguities } from "./ambiguities.ts";
import { nodeKinds, PathTree } from "./path-tree.ts";
import type { ReadLayer } from "./read-layer.ts";

export type DirectoryReading = {
  readonly limits: ImageLimits;
  readonly visitor: LayerVisitor;
  /** Also `trusted.overlay.opaque`; needs native calls and root. */
  readonly readsXattrs: boolean;
};

const headBytes = 512;
const pieceBytes = 512 * 1024;
const hasProc = existsSync("/proc/self/fd");
const noFollow = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** @throws PlimsollError LIMIT_EXCEEDED, and what the visitor throws; files that vanish meanwhile are left out */
export function readDirectory(root: string, reading: DirectoryReading): ReadLayer {
  const walk = new DirectoryWalk(reading);
  const fd = openRoot(root);
  try {
    walk.visitChildren(fd, Buffer.from(root), { path: "", node: 0, depth: 0, device: fstatSync(fd).dev });
  } finally {
    closeSync(fd);
  }
  return walk.summary();
}

function openRoot(root: string): number {
  try {
    return openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    throw asFileError(root, error);
  }
}

type Place = { readonly path: string; readonly node: number; readonly depth: number; readonly device: number };

class DirectoryWalk {
  readonly #reading: DirectoryReading;
  readonly #paths = new PathTree();
  readonly #ambiguities = new Ambiguities();
  readonly #buffer = Buffer.allocUnsafe(pieceBytes);
  #entries = 0;
  #bytes = 0;

  constructor(reading: DirectoryReading) {
    this.#reading = reading;
  }

  visitChildren(fd: number, folder: Buffer, place: Place): void {
    const { maxDepth } = this.#reading.limits;
    if (place.depth >= maxDepth) throw limitExceeded("directory", `a path of more than ${maxDepth} names`);
    // Through the descriptor the folder cannot be exchanged for another.
    const anchor = hasProc ? Buffer.from(`/proc/self/fd/${fd}`) : folder;
    for (const name of unlessGone(() => readdirSync(anchor, { encoding: "buffer" })) ?? []) {
      const full = Buffer.concat([anchor, Buffer.from("/"), name]);
      const stat = unlessGone(() => lstatSync(full));
      if (stat !== undefined) this.#visit(full, Buffer.concat([folder, Buffer.from("/"), name]), name, stat, place);
    }
  }

  summary(): ReadLayer {
    return {
      digest: "",
      diffId: "",
      size: this.#bytes,
      entries: this.#entries,
      ambiguities: this.#ambiguities.list(),
      paths: this.#paths.toBytes(),
    };
  }

  #visit(full: Buffer, shown: Buffer, name: Buffer, stat: Stats, parent: Place): void {
    this.#count();
    const text = decodeName(name);
    const path = parent.path === "" ? text : `${parent.path}/${text}`;
    const kind = kindOf(stat);
    if (kind === undefined) return;
    const node = this.#paths.add(parent.node, text, 0, text.length);
    this.#paths.setKind(node, nodeKinds[kind]);
    const xattrs = this.#reading.readsXattrs ? (unlessGone(() => readXattrs(full)) ?? {}) : {};
    const target =
      kind === "symlink" ? decodeName(unlessGone(() => readlinkSync(full, { encoding: "buffer" })) ?? name) : "";
    if (kind === "symlink") this.#paths.setTarget(node, target);
    const entry = toEntry(path, kind, stat, target, xattrs);
    if (kind === "file") this.#visitFile(full, entry);
    else this.#reading.visitor.visit(entry, noBytes);
    if (kind !== "directory" || stat.dev !== parent.device) return;
    this.#enter(full, shown, entry, { ...parent, path, node, depth: parent.depth + 1 });
  }

  #enter(full: Buffer, shown: Buffer, entry: FileEntry, place: Place): void {
    if (isOpaque(entry)) {
      this.#paths.setOpaque(place.node);
      this.#reading.visitor.visit({ ...entry, kind: "opaque" }, noBytes);
    }
    const fd = unlessGone(() => openSync(full, noFollow | constants.O_DIRECTORY));
    if (fd === undefined) return;
    try {
      this.visitChildren(fd, shown, place);
    } finally {
      closeSync(fd);
    }
  }

  #visitFile(full: Buffer, entry: FileEntry): void {
    const fd = unlessGone(() => openSync(full, noFollow));
    if (fd === undefined) return;
    try {
      const stat = fstatSync(fd);
      if (stat.isFile()) this.#readFile(fd, { ...entry, size: stat.size });
    } finally {
      closeSync(fd);
    }
  }

  /** Exactly as many bytes as the entry says, also when the file grows or shrinks meanwhile. */
  #readFile(fd: number, entry: FileEntry): void {
    const headLength = readFully(fd, this.#buffer.subarray(0, Math.min(headBytes, entry.size)), 0);
    const sink = this.#reading.visitor.visit(entry, this.#buffer.subarray(0, headLength));
    if (sink === undefined) return;
    for (let at = 0; at < entry.size; ) {
      const piece = this.#buffer.subarray(0, Math.min(pieceBytes, entry.size - at));
      const length = readFully(fd, piece, at);
      if (length === 0) break;
      sink.write(piece.subarray(0, length));
      at += length;
      this.#countBytes(length);
    }
    sink.end();
  }

  #count(): void {
    const { maxEntries } = this.#reading.limits;
    this.#entries += 1;
    if (this.#entries > maxEntries) throw limitExceeded("directory", `more than ${maxEntries} entries`);
  }

  #countBytes(length: number): void {
    const { maxLayerBytes } = this.#reading.limits;
    this.#bytes += length;
    if (this.#bytes > maxLayerBytes) throw limitExceeded("directory", `more than ${maxLayerBytes} bytes`);
  }
}

const noBytes: Uint8Array = Buffer.alloc(0);

/** @returns undefined for sockets, which no image holds */
function kindOf(stat: Stats): EntryKind | undefined {
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "directory";
  if (stat.isSymbolicLink()) return "symlink";
  if (stat.isCharacterDevice()) return stat.rdev === 0 ? "whiteout" : "character-device";
  if (stat.isBlockDevice()) return "block-device";
  return stat.isFIFO() ? "fifo" : undefined;
}

function isOpaque({ xattrs }: FileEntry): boolean {
  return xattrs["trusted.overlay.opaque"] === "y" || xattrs["user.overlay.opaque"] === "y";
}

function toEntry(
  path: string,
  kind: EntryKind,
  stat: Stats,
  target: string,
  xattrs: Readonly<Record<string, string>>,
): FileEntry {
  const isDevice = kind === "character-device" || kind === "block-device";
  return {
    path,
    kind,
    size: kind === "file" ? stat.size : 0,
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    mtime: Math.floor(stat.mtimeMs / 1000),
    target,
    device: isDevice ? deviceOf(stat.rdev) : "",
    xattrs,
  };
}

/** Source: glibc sys/sysmacros.h, gnu_dev_major and gnu_dev_minor. */
function deviceOf(rdev: number): string {
  const major = Math.floor(rdev / 256) % 4096;
  const minor = (rdev % 256) + Math.floor(rdev / 2 ** 20) * 256;
  return `${major}:${minor}`;
}

function readFully(fd: number, into: Buffer, position: number): number {
  let length = 0;
  while (length < into.length) {
    const read = readSync(fd, into, length, into.length - length, position + length);
    if (read === 0) break;
    length += read;
  }
  return length;
}

/** undefined when the file is no longer there, or is something else by now. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR" || code === "EINVAL" || code === "ENXIO")
      return undefined;
    throw asFileError("directory", error);
  }
}
