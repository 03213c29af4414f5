// The runtime folder while we run: our pid in it, and nobody else's.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { integerAt } from "../../base/reading.ts";
import { askIfRunning } from "../control/ask.ts";
import { pidFile } from "../control/protocol.ts";

/** @throws PlimsollError ALREADY_RUNNING with the pid, PERMISSION_NEEDED when the folder cannot be made */
export async function claimRunFolder(folder: string): Promise<void> {
  makeFolder(folder);
  const status = await askIfRunning(folder, { ask: "status" });
  if (status === undefined) return;
  throw new PlimsollError("ALREADY_RUNNING", `plimsoll runs already (pid ${integerAt(status, "pid")})`, {
    hint: "stop it with plimsoll down, or give this one its own state and runtime folders",
  });
}

export function writePid(folder: string): void {
  writeFileSync(pidFile(folder), `${process.pid}\n`, { mode: 0o644 });
}

export function removePid(folder: string): void {
  rmSync(pidFile(folder), { force: true });
}

/** @returns undefined when the file is not there or holds something else */
export function readPid(folder: string): number | undefined {
  try {
    const text = readFileSync(pidFile(folder), "utf8").trim();
    return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  } catch (cause) {
    throw new PlimsollError("PERMISSION_NEEDED", `${folder}: cannot be made: ${errorText(cause)}`, {
      hint: "run plimsoll as root, or choose a runtime folder that this user may write",
      cause,
    });
  }
}
