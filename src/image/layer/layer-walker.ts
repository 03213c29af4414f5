// Tar members -> entries of a layer as an engine extracts them: names cleaned, whiteouts understood, and everything told on
// which engines and other readers differ. Source: OCI image-spec v1.1.0, layer.md, "Whiteouts"; moby pkg/archive/{archive,diff}.go
// and containerd pkg/archive/tar.go, which this follows.

import { limitExceeded } from "../../base/errors.ts";
import { placeOf } from "../../base/tar/name.ts";
import type { TarEntry, TarVisitor } from "../../base/tar/tar-visitor.ts";
import type { ContentSink, EntryKind, FileEntry, LayerVisitor } from "../../model/layer.ts";
import type { Ambiguities } from "./ambiguities.ts";
import { nodeKind, nodeKinds, type PathTree } from "./path-tree.ts";
import { readWhiteout, type Whiteout } from "./whiteout.ts";

const kinds: Readonly<Record<string, EntryKind>> = {
  "0": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "character-device",
  "4": "block-device",
  "5": "directory",
  "6": "fifo",
};
/** (uid_t)-1: "leave the owner as it is". */
const noOwner = 2 ** 32 - 1;

export type WalkedLayer = {
  readonly visitor: LayerVisitor;
  readonly paths: PathTree;
  readonly ambiguities: Ambiguities;
  readonly maxDepth: number;
};

export class LayerWalker implements TarVisitor {
  readonly #layer: WalkedLayer;
  /** The directory of the entry before: most entries stand in the same one. */
  #directory = "";
  #directoryNode = 0;

  constructor(layer: WalkedLayer) {
    this.#layer = layer;
  }

  note(rule: string, name: string, detail: string): void {
    this.#layer.ambiguities.note(rule, name, detail);
  }

  entry(entry: TarEntry, head: Uint8Array): ContentSink | undefined {
    const { paths } = this.#layer;
    const { path, rule } = placeOf(entry.name);
    if (rule !== "") this.note(rule, entry.name, "other readers strip, refuse or follow such a name");
    const slash = path.lastIndexOf("/");
    const parent = this.#enter(path, slash);
    const whiteout = readWhiteout(path, slash + 1);
    if (whiteout.kind !== "none") return this.#visitWhiteout(entry, path, parent, whiteout);
    const kind = this.#kindOf(entry, path);
    this.#noteOddities(entry, path, kind);
    const node = this.#place(path, slash, parent, kind);
    if (entry.type === "g") {
      if (slash >= 0) this.note("global-pax-header", path, "some engines make its directory");
      return undefined;
    }
    if (kind === "file" || kind === "hardlink") paths.setPrint(node, printOf(entry));
    const target = this.#targetOf(entry, path, kind, node);
    return this.#layer.visitor.visit(toFileEntry(entry, path, kind, target), head);
  }

  #kindOf(entry: TarEntry, path: string): EntryKind {
    if (entry.type === "g") return "fifo";
    const kind = kinds[entry.type];
    if (kind === undefined) this.note("unknown-type", path, `type ${JSON.stringify(entry.type)}`);
    if (kind !== "directory" && entry.name.endsWith("/")) {
      this.note("file-with-slash", path, "a name like a directory's; some readers make one of it");
    }
    return kind ?? "file";
  }

  /** @returns the node of the directory, whose ancestors are all directories or have been told */
  #enter(path: string, slash: number): number {
    if (slash < 0) return 0;
    if (slash === this.#directory.length && path.startsWith(this.#directory)) return this.#directoryNode;
    const { paths, maxDepth } = this.#layer;
    let node = 0;
    let depth = 1;
    for (let start = 0; start < slash; depth += 1) {
      const next = path.indexOf("/", start);
      node = paths.add(node, path, start, next);
      if (path.startsWith(".wh.", start)) this.note("below-whiteout", path, "below a name that deletes");
      this.#checkAncestor(node, path, next);
      start = next + 1;
    }
    if (depth > maxDepth) throw limitExceeded("layer", `a path of ${depth} names, at most ${maxDepth}`);
    this.#directory = path.slice(0, slash);
    this.#directoryNode = node;
    return node;
  }

  #checkAncestor(node: number, path: string, end: number): void {
    const { paths } = this.#layer;
    const kind = paths.kind(node);
    if (paths.isLink(node)) this.note("below-link", path, `${path.slice(0, end)} is a link in this layer`);
    else if (kind !== nodeKind.implied && kind !== nodeKind.directory)
      this.note("below-file", path, `${path.slice(0, end)} is no directory in this layer`);
  }

  /** Enters the entry itself, and tells what it takes the place of. */
  #place(path: string, slash: number, parent: number, kind: EntryKind): number {
    const { paths } = this.#layer;
    if (path === "") {
      if (kind !== "directory") this.note("odd-root", path, `the root as ${kind}`);
      return 0;
    }
    const node = paths.add(parent, path, slash + 1, path.length);
    const before = paths.kind(node);
    if (before === nodeKind.whiteout) this.note("whiteout-and-entry", path, "deleted and made in one layer");
    else if (before !== nodeKind.implied) this.note("duplicate-path", path, "more than once in this layer");
    else if (kind !== "directory" && paths.hasChildren(node))
      this.note("replaces-directory", path, `${kind} in the place of a directory of this layer`);
    paths.setKind(node, nodeKinds[kind]);
    paths.setLink(node, kind === "symlink");
    if (kind !== "directory" && (before !== nodeKind.implied || paths.hasChildren(node))) this.#directory = "";
    return node;
  }

  #targetOf(entry: TarEntry, path: string, kind: EntryKind, node: number): string {
    const { paths } = this.#layer;
    if (kind === "symlink") {
      paths.setTarget(node, entry.linkName);
      return entry.linkName;
    }
    if (kind !== "hardlink") return "";
    const target = placeOf(entry.linkName);
    if (target.rule !== "") this.note("link-outside", path, `hard link to ${entry.linkName}`);
    const found = paths.locate(target.path);
    if (found.isBelowLink) this.note("below-link", path, `its target ${target.path} is below a link`);
    if (found.node !== 0) this.#linkTo(found.node, node, path);
    paths.setTarget(node, target.path);
    return target.path;
  }

  /** Engines give the file the mode, owner and attributes of its link; other readers leave it as it was. */
  #linkTo(target: number, node: number, path: string): void {
    const { paths } = this.#layer;
    paths.setLink(node, paths.isLink(target));
    if (!paths.isLink(target) && !paths.isLike(target, node))
      this.note("hardlink-metadata", path, "a hard link with another mode, owner or attribute than its file");
  }

  #noteOddities(entry: TarEntry, path: string, kind: EntryKind): void {
    if (kind === "character-device" && entry.device === "0:0")
      this.note("overlay-whiteout", path, "a device that overlay file systems take for a deletion");
    if (!isOwner(entry.uid) || !isOwner(entry.gid)) this.note("odd-owner", path, `${entry.uid}:${entry.gid}`);
    for (const name of Object.keys(entry.xattrs)) {
      if (/^(?:trusted|user)\.overlay\./.test(name)) this.note("overlay-xattr", path, name);
    }
  }

  #visitWhiteout(entry: TarEntry, path: string, parent: number, whiteout: Whiteout): ContentSink | undefined {
    const { paths, visitor } = this.#layer;
    if (entry.type !== "0" || entry.size > 0) this.note("odd-whiteout", path, "a whiteout that is no empty file");
    if (whiteout.kind === "odd" || whiteout.kind === "none") {
      this.note("odd-whiteout", path, "engines differ on what it deletes");
      return undefined;
    }
    if (whiteout.kind === "opaque") {
      if (parent === 0) this.note("opaque-root", path, "overlay file systems ignore it");
      if (paths.hasChildren(parent)) this.note("late-opaque", path, "an opaque mark behind entries of its directory");
      paths.setOpaque(parent);
    } else {
      this.#placeWhiteout(whiteout.path, parent);
    }
    visitor.visit({ ...toFileEntry(entry, whiteout.path, whiteout.kind, ""), size: 0 }, noBytes);
    return undefined;
  }

  #placeWhiteout(path: string, parent: number): void {
    const { paths } = this.#layer;
    const node = paths.add(parent, path, path.lastIndexOf("/") + 1, path.length);
    const before = paths.kind(node);
    if (before === nodeKind.whiteout) this.note("duplicate-path", path, "deleted twice in one layer");
    else if (before !== nodeKind.implied || paths.hasChildren(node))
      this.note("whiteout-and-entry", path, "made and deleted in one layer");
    else paths.setKind(node, nodeKind.whiteout);
  }
}

const noBytes: Uint8Array = Buffer.alloc(0);

/** What a file is like, besides its content and time. */
function printOf({ mode, uid, gid, xattrs }: TarEntry): string {
  const attributes = Object.entries(xattrs).sort(([left], [right]) => (left < right ? -1 : 1));
  return `${mode & 0o7777} ${uid} ${gid}${attributes.length === 0 ? "" : JSON.stringify(attributes)}`;
}

function isOwner(id: number): boolean {
  return id >= 0 && id < noOwner;
}

function toFileEntry(entry: TarEntry, path: string, kind: EntryKind, target: string): FileEntry {
  return {
    path,
    kind,
    size: kind === "file" ? entry.size : 0,
    mode: entry.mode & 0o7777,
    uid: entry.uid,
    gid: entry.gid,
    mtime: entry.mtime,
    target,
    device: entry.device,
    xattrs: entry.xattrs,
  };
}
