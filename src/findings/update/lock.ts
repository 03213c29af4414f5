// One update of a folder at a time. A lock whose process is gone counts for nothing.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PlimsollError } from "../../base/errors.ts";

/** @returns gives the lock back @throws PlimsollError ALREADY_RUNNING */
export function lockFolder(folder: string): () => void {
  const file = join(folder, "update.lock");
  if (!tryLock(file)) {
    const holder = Number(readFileSync(file, "utf8"));
    if (isAlive(holder)) {
      throw new PlimsollError("ALREADY_RUNNING", `${folder}: process ${holder} is updating the advisories`, {
        hint: "wait until it is done",
      });
    }
    rmSync(file, { force: true });
    if (!tryLock(file)) return lockFolder(folder);
  }
  return () => rmSync(file, { force: true });
}

function tryLock(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") return false;
    throw cause;
  }
}

function isAlive(process_: number): boolean {
  if (!Number.isSafeInteger(process_) || process_ <= 0) return false;
  try {
    process.kill(process_, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && "code" in cause && cause.code === "EPERM";
  }
}
