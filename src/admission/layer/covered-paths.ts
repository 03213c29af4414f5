// Which paths of lower layers a container no longer sees: replaced or deleted by an upper one.
// Source: OCI image-spec v1.1.0, layer.md, "Whiteouts"; overlayfs: a whiteout hides what is below it, an opaque directory what is in it.

import { readPaths } from "./path-recorder.ts";

/**
 * @param layers recorded paths, lowest first
 * @param asked paths in question, by layer
 * @returns for each layer those of the asked paths that an upper layer covers
 */
export function coveredPaths(
  layers: readonly Uint8Array[],
  asked: readonly ReadonlySet<string>[],
): readonly ReadonlySet<string>[] {
  const covered = layers.map(() => new Set<string>());
  const open = new OpenPaths();
  for (const [index, recorded] of layers.entries()) {
    // What an upper layer does counts only for the layers below it, so a layer's own paths are asked afterwards.
    if (!open.isEmpty) for (const { path, kind } of readPaths(recorded)) open.cover(path, kind, covered);
    for (const path of asked[index] ?? []) open.add(path, index);
  }
  return covered;
}

type Asked = { readonly path: string; readonly layer: number };

/** Asked paths that nothing covers yet, by themselves and by every directory above them. */
class OpenPaths {
  readonly #at = new Map<string, Asked[]>();
  readonly #below = new Map<string, Asked[]>();

  get isEmpty(): boolean {
    return this.#at.size === 0;
  }

  add(path: string, layer: number): void {
    const asked = { path, layer };
    append(this.#at, path, asked);
    for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
      append(this.#below, path.slice(0, slash), asked);
    }
    append(this.#below, "", asked);
  }

  cover(path: string, kind: string, covered: readonly Set<string>[]): void {
    if (kind !== "opaque") this.#close(this.#at, path, covered);
    // A directory joins the one below it; everything else takes the place of a whole tree.
    if (kind !== "directory") this.#close(this.#below, path, covered);
  }

  #close(index: Map<string, Asked[]>, path: string, covered: readonly Set<string>[]): void {
    const found = index.get(path);
    if (found === undefined) return;
    index.delete(path);
    for (const { path: asked, layer } of found) covered[layer]?.add(asked);
  }
}

function append(index: Map<string, Asked[]>, key: string, asked: Asked): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [asked]);
  else list.push(asked);
}
