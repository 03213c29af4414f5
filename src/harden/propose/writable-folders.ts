// Files that were written -> the folders that have to stay writable: few, and as deep as possible.

/** The kernel's own file systems are not part of the root file system. */
const notOurs = /^\/(?:proc|sys|dev)(?:\/|$)/;
/** Runtimes write these before the program starts, and bind them. */
const ofRuntime: ReadonlySet<string> = new Set(["/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/mtab"]);
const maxFolders = 20;

export type WritableFolders = {
  readonly folders: readonly string[];
  /** Files right below `/`, for which no folder but the root itself would do. */
  readonly inRoot: readonly string[];
};

export function writableFolders(written: readonly string[]): WritableFolders {
  const files = written.filter((path) => path.startsWith("/") && !notOurs.test(path) && !ofRuntime.has(path));
  const inRoot = files.filter((path) => path.lastIndexOf("/") === 0);
  let folders = topmost(files.filter((path) => path.lastIndexOf("/") > 0).map(folderOf));
  // Too many to read: their parents stand for them, the deepest first.
  while (folders.length > maxFolders) {
    const deepest = Math.max(...folders.map(depth));
    if (deepest <= 1) break;
    folders = topmost(folders.map((folder) => (depth(folder) === deepest ? folderOf(folder) : folder)));
  }
  return { folders, inRoot: [...new Set(inRoot)].sort() };
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function depth(path: string): number {
  return path.split("/").length - 1;
}

/** Without those that lie in another one. */
function topmost(folders: readonly string[]): readonly string[] {
  const sorted = [...new Set(folders)].sort();
  const kept: string[] = [];
  for (const folder of sorted) if (!kept.some((parent) => folder.startsWith(`${parent}/`))) kept.push(folder);
  return kept;
}
