// Puts the test's own process, and what it starts from then on, into a new network: bridges and firewall rules made
// there touch nobody else's and vanish with the last process in it. Source: unshare(2), CLONE_NEWNET.

import { execFileSync } from "node:child_process";
import { openLibc } from "../../src/base/native/libc.ts";

const cloneNewNet = 0x40000000;

export function enterOwnNetwork(): void {
  const libc = openLibc();
  const failed = libc.declare("int unshare(int flags)")(cloneNewNet);
  if (failed !== 0) throw new Error(`unshare: error ${libc.errno()}`);
  execFileSync("ip", ["link", "set", "lo", "up"]);
}
