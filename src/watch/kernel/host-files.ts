// Files and folders of the host as the kernel's programs know them: device of the file system and number of the inode.
// The device is that of the mount table: some file systems (btrfs) give stat another one. Source: proc(5), mountinfo.

import { readFileSync, realpathSync, statSync } from "node:fs";

export type HostFile = { readonly device: number; readonly inode: number };

/** undefined when it is not there: what is not there is mounted nowhere. */
export function findHostFile(path: string, mountinfo: string = "/proc/self/mountinfo"): HostFile | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  const device = deviceOf(realpathSync(path), readFileSync(mountinfo, "utf8"));
  return device === undefined ? undefined : { device, inode: found.ino };
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
