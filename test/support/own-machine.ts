// A machine as good as fresh, for what README readers do: nothing runs, /run and /var/lib are empty, the network is one's
// own. What is started from then on lives there, and nothing of it touches the real machine. Source: unshare(2).

import { execFileSync } from "node:child_process";
import { enterOwnMounts, enterOwnNetwork } from "./own-network.ts";

export function enterOwnMachine(): void {
  enterOwnNetwork();
  enterOwnMounts();
  for (const folder of ["/run", "/var/lib"]) {
    execFileSync("mount", ["-t", "tmpfs", "-o", "mode=0755", "tmpfs", folder]);
  }
}
