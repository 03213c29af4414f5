// Which of the files that layers brought in are still there in the image, and under which names. Pure: paths in, places out.
// Each layer is read alone, perhaps long ago; this puts their results together in order.
// Source: OCI image-spec v1.1.0, layer.md, "Applying Changesets".

import type { Ambiguity } from "../../model/layer.ts";
import { MergedTree } from "./merged-tree.ts";
import { nodeKind, PathTree } from "./path-tree.ts";

export type LayerToFold = {
  /** From `readLayer`. */
  readonly paths: Uint8Array;
  /** Paths of this layer's files (or directories) that somebody wants to know about. */
  readonly wanted: readonly string[];
};

/** A wanted file of a layer that the image still has. */
export type Survivor = {
  readonly layer: number;
  /** As the layer named it. */
  readonly path: string;
  /** All names it has in the image, hard links of this and of higher layers included; never empty. */
  readonly places: readonly string[];
};

export type FoldedLayers = {
  readonly survivors: readonly Survivor[];
  /** What engines would merge differently, by layer. */
  readonly ambiguities: readonly { readonly layer: number; readonly ambiguity: Ambiguity }[];
  /** The file that a program in the container opens under this path, links followed; undefined when there is none. */
  readonly resolve: (path: string) => { readonly layer: number; readonly path: string } | undefined;
  /** Where the directory of this name stands, links followed; undefined when there is none. */
  readonly resolveDirectory: (path: string) => string | undefined;
};

/** One object for one file of one layer. */
type Origin = { readonly layer: number; readonly path: string; readonly isDirectory: boolean };
/** What is wanted, by the place where it stands now. */
type Live = Map<string, Origin>;

/** More directories without an entry of their own than any builder leaves. */
const maxImplied = 100_000;

/** @param layers lowest first */
export function foldLayers(layers: readonly LayerToFold[]): FoldedLayers {
  const trees = layers.map((layer) => PathTree.read(layer.paths));
  const merged = new MergedTree(trees);
  let live: Live = new Map();
  for (const [index, tree] of trees.entries()) live = addLayer(live, tree, index, layers[index]?.wanted ?? []);
  return {
    survivors: toSurvivors(live),
    ambiguities: trees.flatMap((tree, layer) => oddMerges(tree, layer, merged)),
    resolve: (path) => merged.resolve(path),
    resolveDirectory: (path) => merged.resolveDirectory(path),
  };
}

function addLayer(before: Live, tree: PathTree, layer: number, wanted: readonly string[]): Live {
  const own: Live = new Map();
  for (const path of wanted) {
    const { node } = tree.locate(path);
    own.set(path, { layer, path, isDirectory: tree.kind(node) <= nodeKind.directory });
  }
  if (own.size > 0 || before.size > 0) addHardLinks(own, before, tree);
  const after: Live = new Map();
  for (const [place, origin] of before) if (!isHidden(tree, place, origin)) after.set(place, origin);
  for (const [place, origin] of own) after.set(place, origin);
  return after;
}

/** A hard link of this layer names a file of this layer, or else one of the layers below. */
function addHardLinks(own: Live, before: Live, tree: PathTree): void {
  for (const node of tree.links()) {
    if (tree.kind(node) !== nodeKind.hardlink) continue;
    const target = tree.target(node);
    const kind = tree.kind(tree.locate(target).node);
    // A target that this layer deletes is still the lower layer's file.
    const isOwn = kind !== nodeKind.implied && kind !== nodeKind.whiteout;
    const origin = isOwn ? own.get(target) : before.get(target);
    const place = tree.path(node);
    if (origin !== undefined && !own.has(place)) own.set(place, origin);
  }
}

/** Whether this layer deletes or replaces what lower layers have at the place. */
function isHidden(tree: PathTree, place: string, origin: Origin): boolean {
  let node = 0;
  let isBelowOpaque = tree.isOpaque(0);
  for (let start = 0; start < place.length; ) {
    const slash = place.indexOf("/", start);
    const end = slash < 0 ? place.length : slash;
    node = tree.child(node, place, start, end);
    if (node === 0) return isBelowOpaque;
    const kind = tree.kind(node);
    if (slash < 0) return isBelowOpaque || kind !== nodeKind.implied || !origin.isDirectory;
    if (kind > nodeKind.directory) return true;
    isBelowOpaque ||= tree.isOpaque(node);
    start = end + 1;
  }
  return false;
}

function toSurvivors(live: Live): readonly Survivor[] {
  const places = new Map<Origin, string[]>();
  for (const [place, origin] of live) {
    const known = places.get(origin);
    if (known === undefined) places.set(origin, [place]);
    else known.push(place);
  }
  return Array.from(places, ([{ layer, path }, all]) => ({ layer, path, places: all }));
}

/** Entries below a name that is a link, or no directory, in a lower layer: some engines follow it, others replace it. */
function oddMerges(tree: PathTree, layer: number, merged: MergedTree): FoldedLayers["ambiguities"] {
  const odd: { layer: number; ambiguity: Ambiguity }[] = [];
  let implied = 0;
  for (let node = 1; node < tree.size && layer > 0; node += 1) {
    if (tree.kind(node) !== nodeKind.implied) continue;
    implied += 1;
    const path = tree.path(node);
    const below = merged.lookUp(path, layer - 1);
    if (implied > maxImplied) {
      odd.push({
        layer,
        ambiguity: { rule: "implied-directories", path, detail: "too many to compare with lower layers" },
      });
      break;
    }
    if (below === undefined || below.kind <= nodeKind.directory) continue;
    const rule = below.kind === nodeKind.symlink ? "below-lower-link" : "below-lower-file";
    odd.push({ layer, ambiguity: { rule, path, detail: `no directory in layer ${below.layer}` } });
  }
  return odd;
}
