// Files and folders of the host as the kernel's programs know them: device of the file system and number of the inode.
// The device is that of the mount table: some file systems (btrfs) give stat another one. Source: proc(5), mountinfo.

import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";

export type HostFile = { readonly device: number; readonly inode: number };

/** Looked at below one path. */
const mostEntries = 20_000;
/** Of one path: each takes a place in the kernel's map for each container. */
const mostTwins = 16;
/** Walking through /usr takes a while, and containers are made often. The kernel itself notes names that are made meanwhile. */
const keptMs = 10 * 60_000;

/** As `findHostFiles`, which is asked again after ten minutes. */
export function keepHostFiles(nowMs: () => number): (path: string) => readonly HostFile[] {
  const kept = new Map<string, { readonly atMs: number; readonly files: readonly HostFile[] }>();
  return (path) => {
    const known = kept.get(path);
    const isSame = known?.files[0]?.inode === statSync(path, { throwIfNoEntry: false })?.ino;
    if (known !== undefined && isSame && nowMs() - known.atMs < keptMs) return known.files;
    const files = findHostFiles(path);
    kept.set(path, { atMs: nowMs(), files });
    return files;
  };
}

/**
 * The file or folder, and the files below it that have a name elsewhere, too.
 * @returns nothing when it is not there: what is not there is mounted nowhere
 */
export function findHostFiles(path: string, mountinfo: string = "/proc/self/mountinfo"): readonly HostFile[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  const real = realpathSync(path);
  const device = deviceOf(real, readFileSync(mountinfo, "utf8"));
  if (device === undefined) return [];
  const twins = found.isDirectory() ? filesNamedElsewhere(real, found.dev) : [];
  return [...new Set([found.ino, ...twins])].map((inode) => ({ device, inode }));
}

/** Of the same file system: a name cannot lead into another one. */
function filesNamedElsewhere(folder: string, device: number): readonly number[] {
  const folders = [folder];
  /** By inode: names that were not seen yet. */
  const unseen = new Map<number, number>();
  let seen = 0;
  for (let next = folders.pop(); next !== undefined && seen < mostEntries; next = folders.pop()) {
    for (const name of readNames(next)) {
      const path = join(next, name);
      const entry = lstatSync(path, { throwIfNoEntry: false });
      if (++seen >= mostEntries) break;
      if (entry?.dev !== device) continue;
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile() && entry.nlink > 1) unseen.set(entry.ino, (unseen.get(entry.ino) ?? entry.nlink) - 1);
    }
  }
  return [...unseen].flatMap(([inode, names]) => (names > 0 ? [inode] : [])).slice(0, mostTwins);
}

function readNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // gone meanwhile
  }
}

/** The last mount of the longest path counts: it covers those before. */
function deviceOf(path: string, mountinfo: string): number | undefined {
  let longest = -1;
  let device: number | undefined;
  for (const line of mountinfo.split("\n")) {
    const [, , numbers = "", , folder = ""] = line.split(" ");
    const place = folder.replace(/\\([0-7]{3})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    );
    const isAbove = place === "/" || path === place || path.startsWith(`${place}/`);
    if (place === "" || !isAbove || place.length < longest) continue;
    longest = place.length;
    const [major = 0, minor = 0] = numbers.split(":").map(Number);
    device = major * 2 ** 20 + minor;
  }
  return device;
}
