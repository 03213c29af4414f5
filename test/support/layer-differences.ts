// Our reading of a layer held against a real engine's extraction: what differs, in words; nothing for what we refuse or call ambiguous.

import type { FileEntry } from "../../src/model/layer.ts";
import type { Extracted, ExtractedFile } from "./engine-layer.ts";
import type { SeenEntry, SeenLayer } from "./read-tar.ts";

/** @returns sentences; empty when nothing that the engine extracted is unknown to us, and nothing is known wrongly */
export function differences(seen: SeenLayer, extracted: Extracted): readonly string[] {
  if (seen.error !== undefined || seen.rules.length > 0) return [];
  if (extracted === undefined) return [];
  const ours = expectedTree(seen.entries);
  const differing: string[] = [];
  const deleted = new Set(seen.entries.filter(({ kind }) => kind === "whiteout").map(({ path }) => toBytes(path)));
  for (const [path, file] of extracted) {
    // Overlay file systems keep a deletion as a device.
    if (file.kind === "character-device" && deleted.has(path)) continue;
    const entry = ours.get(path);
    if (entry === undefined && !(file.kind === "directory" && isImplied(path, seen))) {
      differing.push(`missed ${file.kind} ${JSON.stringify(path)}`);
    } else if (entry !== undefined) {
      differing.push(...compare(path, entry, file));
    }
  }
  for (const [path, entry] of ours) {
    if (!extracted.has(path) && path !== "") differing.push(`invented ${entry.kind} ${JSON.stringify(path)}`);
  }
  return differing;
}

/** Paths as latin1 letters, hard links with the content and owner of what they link to. */
function expectedTree(entries: readonly SeenEntry[]): ReadonlyMap<string, SeenEntry> {
  const tree = new Map<string, SeenEntry>();
  for (const entry of entries) {
    if (entry.kind === "whiteout" || entry.kind === "opaque") continue;
    const target = entry.kind === "hardlink" ? tree.get(toBytes(entry.target)) : undefined;
    tree.set(toBytes(entry.path), target ?? entry);
  }
  return tree;
}

function compare(path: string, entry: SeenEntry, file: ExtractedFile): readonly string[] {
  const ours = facts(entry, entry.kind === "symlink" ? toBytes(entry.target) : "");
  const theirs = facts({ ...file, mode: file.mode }, file.target);
  const names = Object.keys(ours).filter((name) => ours[name] !== theirs[name] && !isUncertain(name, entry, file));
  return names.map((name) => `${JSON.stringify(path)}: ${name} is ${theirs[name]}, we say ${ours[name]}`);
}

type Comparable = Pick<FileEntry, "mode" | "uid" | "gid" | "mtime"> & {
  readonly kind: string;
  readonly content: string;
};

function facts(of: Comparable, target: string): Readonly<Record<string, string | number>> {
  return { kind: of.kind, mode: of.mode, uid: of.uid, gid: of.gid, mtime: of.mtime, content: of.content, target };
}

/** Modes and times of symlinks are the kernel's; times of what stands before 1970 or beyond the file system's years too. */
function isUncertain(fact: string, entry: SeenEntry, file: ExtractedFile): boolean {
  if (fact === "mode") return entry.kind === "symlink";
  // The last of several names gives the time.
  if (fact === "mtime" && file.links > 1) return true;
  return fact === "mtime" && (entry.kind !== "file" || entry.mtime < 0 || entry.mtime >= 2 ** 31);
}

/** A directory that only the names of others (deletions too) make. */
function isImplied(path: string, { entries }: SeenLayer): boolean {
  return entries.some((entry) => {
    const known = toBytes(entry.path);
    return known.startsWith(`${path}/`) || (entry.kind === "opaque" && known === path);
  });
}

/** The bytes of a path, as latin1 letters. */
export function toBytes(path: string): string {
  let bytes = "";
  for (const letter of path) {
    const unit = letter.charCodeAt(0);
    const isEscaped = letter.length === 1 && unit >= 0xdc80 && unit <= 0xdcff;
    bytes += isEscaped ? String.fromCharCode(unit - 0xdc00) : Buffer.from(letter).toString("latin1");
  }
  return bytes;
}
