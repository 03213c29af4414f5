// Whether the kernel really asks before an exec: a program of our own is marked, started, and refused. Kernels without
// CONFIG_FANOTIFY_ACCESS_PERMISSIONS, and processes without CAP_SYS_ADMIN, find out here.
// Source: fanotify(7), FAN_OPEN_EXEC_PERM; fanotify_init(2), FAN_CLASS_CONTENT.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorText } from "../../base/errors.ts";
import type { TierReport } from "../../model/watch.ts";
import type { Fanotify } from "../malware/fanotify.ts";
import type { Trial } from "./try-lsm.ts";

/** A shell's answer when it may not execute what it found. */
const refused = 126;
const patienceMs = 5000;

export async function tryExecPermission(fanotify: Fanotify): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-trial-"));
  let group: number | undefined;
  try {
    const program = join(folder, "program");
    writeFileSync(program, "#!/bin/sh\n", { mode: 0o700 });
    group = fanotify.openGroup("deny");
    fanotify.mark(group, "file", ["exec-asked"], program);
    const status = await start(program, fanotify, group);
    if (status === refused) return { works: true };
    return { works: false, reason: `a program was refused and ran all the same (${status})` };
  } catch (thrown) {
    return { works: false, reason: errorText(thrown) };
  } finally {
    if (group !== undefined) fanotify.close(group);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Not by us: who starts a program waits for it, and could not answer meanwhile. */
async function start(program: string, fanotify: Fanotify, group: number): Promise<number | null> {
  const reading = fanotify.whenReadable(group, () => {
    for (const { fd } of fanotify.read(group, 8)) {
      fanotify.answer(group, fd, false);
      fanotify.close(fd);
    }
  });
  const child = spawn("/bin/sh", ["-c", 'exec "$0"', program], { stdio: "ignore", timeout: patienceMs });
  try {
    const [status]: (number | null)[] = await once(child, "exit");
    return status ?? null;
  } finally {
    reading.close();
  }
}

const remedy = "use a kernel with CONFIG_FANOTIFY_ACCESS_PERMISSIONS, and let the watch keep CAP_SYS_ADMIN";

/** The rung of execs that are asked about, as it was found: in the place of what the sensor alone could say. */
export function withExecPermission(tiers: readonly TierReport[], trial: Trial): readonly TierReport[] {
  return tiers.map((report) => {
    if (report.tier !== "exec-permission") return report;
    if (trial.works) return { ...report, works: true, reason: "", remedy: "" };
    return { ...report, works: false, reason: trial.reason, remedy };
  });
}
