// Where what the kernel enforces is held while no process watches: one folder for each Plimsoll of the host.
// Source: proc_locks(5).

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

const bpfFolder = "/sys/fs/bpf";

export function pinFolderOf(stateFolder: string): string {
  const mark = createHash("sha256").update(stateFolder).digest("hex").slice(0, 12);
  return join(bpfFolder, `plimsoll-${mark}`);
}

/** The kernel lets go of programs and maps that no file holds. @returns false when nothing was there */
export function removePins(stateFolder: string): boolean {
  const folder = pinFolderOf(stateFolder);
  if (!existsSync(folder)) return false;
  rmSync(folder, { recursive: true, force: true });
  return true;
}

/** Folders of a Plimsoll that runs no more: who uses one holds a lock on it. @throws Error when nobody but root may look */
export function unownedPins(place: string = bpfFolder): readonly string[] {
  if (!existsSync(place)) return [];
  const locks = readFileSync("/proc/locks", "utf8");
  return readdirSync(place)
    .filter((name) => /^plimsoll(?:-[\w-]+)?$/.test(name))
    .map((name) => join(place, name))
    .filter((folder) => !locks.includes(` ${placeOf(folder)} `));
}

/** `00:2c:1234`: numbers of the device in hexadecimal, and of the inode. */
function placeOf(folder: string): string {
  const { dev, ino } = statSync(folder);
  const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)];
  return [...[major, minor].map((part) => part.toString(16).padStart(2, "0")), ino].join(":");
}
