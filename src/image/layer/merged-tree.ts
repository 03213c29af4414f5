// The tree that layers make together, looked up path by path: nothing is merged in memory.
// Source: OCI image-spec v1.1.0, layer.md; Linux Documentation/filesystems/overlayfs.rst.

import { nodeKind, type PathTree } from "./path-tree.ts";

export type Found = {
  readonly layer: number;
  readonly node: number;
  readonly kind: number;
};

const maxLinks = 40;

export class MergedTree {
  readonly #trees: readonly PathTree[];

  /** @param trees lowest layer first */
  constructor(trees: readonly PathTree[]) {
    this.#trees = trees;
  }

  /** What stands at exactly this path in the layers up to `top`; no links are followed. */
  lookUp(path: string, top: number = this.#trees.length - 1): Found | undefined {
    for (let layer = top; layer >= 0; layer -= 1) {
      const tree = this.#trees[layer];
      const found = tree === undefined ? undefined : lookInto(tree, path);
      if (found === "hidden") return undefined;
      if (found !== undefined) return { layer, node: found, kind: tree?.kind(found) ?? nodeKind.implied };
    }
    return undefined;
  }

  /** The file that a program would open under this path: links are followed, as the kernel does. */
  resolve(path: string): { readonly layer: number; readonly path: string } | undefined {
    const at = this.#follow(path);
    return at === undefined ? undefined : this.#contentOf(at);
  }

  /** Where the directory stands that a program would open under this path; undefined when there is none. */
  resolveDirectory(path: string): string | undefined {
    const at = this.#follow(path);
    const found = at === undefined ? undefined : this.lookUp(at);
    return found !== undefined && found.kind <= nodeKind.directory ? at : undefined;
  }

  /** @returns undefined for links that lead in circles */
  #follow(path: string): string | undefined {
    const rest = path.split("/").filter((name) => name !== "");
    let at = "";
    for (let links = 0; rest.length > 0; ) {
      const name = rest.shift() ?? "";
      if (name === "..") at = at.slice(0, Math.max(0, at.lastIndexOf("/")));
      if (name === "." || name === ".." || name === "") continue;
      const next = at === "" ? name : `${at}/${name}`;
      const target = this.#linkAt(next);
      if (target === undefined) {
        at = next;
        continue;
      }
      links += 1;
      if (links > maxLinks) return undefined;
      if (target.startsWith("/")) at = "";
      rest.unshift(...target.split("/"));
    }
    return at;
  }

  /** @returns undefined for what is no symlink */
  #linkAt(path: string): string | undefined {
    const found = this.lookUp(path);
    return found?.kind === nodeKind.symlink ? this.#targetOf(found) : undefined;
  }

  #targetOf(found: Found): string {
    return this.#trees[found.layer]?.target(found.node) ?? "";
  }

  /** Through hard links, to where the bytes stand. */
  #contentOf(path: string): { readonly layer: number; readonly path: string } | undefined {
    let at = path;
    let found = this.lookUp(at);
    for (let links = 0; found?.kind === nodeKind.hardlink && links < maxLinks; links += 1) {
      at = this.#targetOf(found);
      found = this.lookUp(at, found.layer);
    }
    return found?.kind === nodeKind.file ? { layer: found.layer, path: at } : undefined;
  }
}

/** @returns the node; "hidden" when this layer hides what lower layers have there; undefined when it says nothing */
function lookInto(tree: PathTree, path: string): number | "hidden" | undefined {
  let node = 0;
  let isHidden = tree.isOpaque(0);
  for (let start = 0; start < path.length; ) {
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    node = tree.child(node, path, start, end);
    if (node === 0) return isHidden ? "hidden" : undefined;
    const kind = tree.kind(node);
    if (kind === nodeKind.whiteout || (slash >= 0 && kind > nodeKind.directory)) return "hidden";
    isHidden ||= tree.isOpaque(node);
    start = end + 1;
  }
  return node;
}
