// Puts the test's own process, and what it starts from then on, into a new network: bridges and firewall rules made
// there touch nobody else's and vanish with the last process in it. Source: unshare(2), CLONE_NEWNET.

import { execFileSync } from "node:child_process";
import { openLibc } from "../../src/base/native/libc.ts";

const cloneNewNet = 0x40000000;
const cloneNewMounts = 0x00020000;

export function enterOwnNetwork(): void {
  unshare(cloneNewNet);
  execFileSync("ip", ["link", "set", "lo", "up"]);
}

/** Mounts from then on are seen by nobody else. Only programs that are started see them for sure, not every thread of ours. */
export function enterOwnMounts(): void {
  unshare(cloneNewMounts);
  execFileSync("mount", ["--make-rprivate", "/"]);
}

/**
 * What is written to /etc from then on goes into the folder, and nobody else sees it.
 */
export function enterOwnEtc(folder: string): void {
  enterOwnMounts();
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", folder]);
  for (const name of ["upper", "work"]) execFileSync("mkdir", [`${folder}/${name}`]);
  const options = `lowerdir=/etc,upperdir=${folder}/upper,workdir=${folder}/work`;
  execFileSync("mount", ["-t", "overlay", "overlay", "-o", options, "/etc"]);
}

function unshare(flags: number): void {
  const libc = openLibc();
  const failed = libc.declare("int unshare(int flags)")(flags);
  if (failed !== 0) throw new Error(`unshare: error ${libc.errno()}`);
}
