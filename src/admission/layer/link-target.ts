// Where a link leads, as a path from the root of the image, links on the way not followed.

import { posix } from "node:path";
import type { FileEntry } from "../../model/layer.ts";

export function linkTarget({ kind, path, target }: Pick<FileEntry, "kind" | "path" | "target">): string {
  if (kind === "hardlink") return target;
  const joined = target.startsWith("/") ? target : `/${posix.dirname(path)}/${target}`;
  // The root's parent is the root.
  return posix.normalize(joined).replace(/^\/+/, "");
}
