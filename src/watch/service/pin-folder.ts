// Where what the kernel enforces is held while no process watches: one folder for each Plimsoll of the host.

import { createHash } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
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
