// bpftrace in mounts of its own, since it looks for the kernel's trace files in the folder of debugfs. Ends with its parent's
// signal. Usage: unshare --mount node run-bpftrace.ts SCRIPT

import { execFileSync, spawn } from "node:child_process";

execFileSync("mount", ["-t", "debugfs", "none", "/sys/kernel/debug"]);
const child = spawn("bpftrace", ["-B", "line", "-e", process.argv[2] ?? ""], {
  stdio: ["ignore", "inherit", "ignore"],
});
process.on("SIGTERM", () => child.kill("SIGINT"));
child.on("error", () => process.exit(1));
child.on("exit", (code) => process.exit(code ?? 1));
